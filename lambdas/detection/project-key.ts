/**
 * Which project a request is about: the last two parts of the folder that Claude Code works in, which it tells the model
 * on a line of its own. Older models read it in the system prompt, newer ones in a message of the role `system` that
 * follows the first message of the person.
 */
import { type Json, objectOf, shortened, textsOf } from './json.ts'
import { holdsSecret } from './secrets.ts'

const LINE = 'Primary working directory: '

/** The client's longest system prompt has 30,000 characters, and tells the folder near its end. */
const SEARCHED_CHARACTERS = 100_000
/** The message that tells it is the second. */
const FIRST_MESSAGES = 3
/** Two folders' names; file systems allow 255 characters each, people do not use them. */
const LONGEST_KEY = 100

export function projectKeyOf(body: Json): string | null {
  const messages = Array.isArray(body.messages) ? body.messages.slice(0, FIRST_MESSAGES).map(objectOf) : []
  const told = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  for (const text of [body.system, ...told].flatMap(textsOf)) {
    const folder = folderIn(text.slice(0, SEARCHED_CHARACTERS))
    if (folder !== undefined) return keyOf(folder)
  }
  return null
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
