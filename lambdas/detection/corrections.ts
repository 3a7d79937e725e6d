/** Whether a person calls back what a tool has just done. English only, as the words are. */

const KEYWORDS = /\b(?:no|don['’]?t|wrong|not what|instead|stop|undo|revert|shouldn['’]?t|actually)\b/i

/** What Claude Code says in the person's place is not the person's. */
const REMINDER = '<system-reminder>'

export const isCorrection = (text: string): boolean => !text.trimStart().startsWith(REMINDER) && KEYWORDS.test(text)
