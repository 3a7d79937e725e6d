/** Whether a person calls back what a tool has just done. English only, as the words are. */
import { isReminder } from './reminder.ts'

const KEYWORDS = /\b(?:no|don['’]?t|wrong|not what|instead|stop|undo|revert|shouldn['’]?t|actually)\b/i

export const isCorrection = (text: string): boolean => !isReminder(text) && KEYWORDS.test(text)
