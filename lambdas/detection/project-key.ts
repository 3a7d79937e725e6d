/**
 * Which project a request is about: the last two parts of the folder that Claude Code works in, which it tells the model
 * on a line of its own. Models read it in the system prompt, in a message of the role `system` that follows the first one
 * of the person, or in a reminder within that first message, by their age and the client's.
 */
import { type Json, objectOf, shortened, textsOf } from './json.ts'
import { isReminder } from './reminder.ts'
import { holdsSecret } from './secrets.ts'

const LINE = 'Primary working directory: '

/** The client's longest system prompt has 30,000 characters, and tells the folder near its end. */
const SEARCHED_CHARACTERS = 100_000
/** The message that tells it is the first or the second, its block the first. */
const FIRST_MESSAGES = 3
const FIRST_BLOCKS = 20
/** Two folders' names; file systems allow 255 characters each, people do not use them. */
const LONGEST_KEY = 100

export function projectKeyOf(body: Json): string | null {
  const messages = Array.isArray(body.messages) ? body.messages.slice(0, FIRST_MESSAGES).map(objectOf) : []
  for (const text of [...textsOf(body.system), ...messages.flatMap(toldIn)]) {
    const folder = folderIn(text.slice(0, SEARCHED_CHARACTERS))
    if (folder !== undefined) return keyOf(folder)
  }
  return null
}

/** What the client says; a person may write whatever they like. */
function toldIn({ role, content }: Json): readonly string[] {
  const texts = textsOf(Array.isArray(content) ? content.slice(0, FIRST_BLOCKS) : content)
  return role === 'system' ? texts : texts.filter(isReminder)
}

function folderIn(text: string): string | undefined {
  for (let at = text.indexOf(LINE); at >= 0; at = text.indexOf(LINE, at + LINE.length)) {
    if (!beginsLine(text, at)) continue
    const end = text.indexOf('\n', at)
    return text.slice(at + LINE.length, end < 0 ? undefined : end).trim()
  }
  return undefined
}

/** Room for an indented dash; looking further back would make a text of one long line slow to read. */
const INDENT_CHARACTERS = 20

function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - INDENT_CHARACTERS), at)
  const newline = before.lastIndexOf('\n')
  return (newline >= 0 || at <= INDENT_CHARACTERS) && /^\s*(?:- )?$/.test(before.slice(newline + 1))
}

function keyOf(folder: string): string | null {
  const parts = folder.slice(-1000).split(/[/\\]/).filter(Boolean)
  const key = shortened(parts.slice(-2).join('/'), LONGEST_KEY)
  return key === '' || holdsSecret(key) ? null : key
}
