/** Every text of a new turn that may hold a secret, each cut to what is read of it. */
import { blocksOf, type Json, textsOf } from './json.ts'
import type { NewTurn } from './new-turn.ts'

/** Claude Code cuts what a tool tells at 30,000 characters and a file at 25,000 tokens, some 100,000 characters. */
const READ_OF_A_TEXT = 100_000
/** Several full tool results at once, read in less than half a millisecond; 12 where somebody made them slow to read. */
const READ_OF_A_REQUEST = 400_000
/** Members and elements of one tool's input; a list of a hundred edits has some three hundred. */
const MOST_VALUES = 1_000

export function newTextsOf(body: Json, { answer, since }: NewTurn): string[] {
  const first = answer === undefined ? textsOf(body.system) : []
  const blocks = [answer, ...since].flatMap((message) => (message === undefined ? [] : blocksOf(message.content)))
  return capped([...first, ...blocks.flatMap(textsOfBlock)])
}

function textsOfBlock(block: Json): string[] {
  if (block.type === 'tool_result') return textsOf(block.content)
  if (block.type === 'tool_use') return stringsIn(block.input)
  return typeof block.text === 'string' ? [block.text] : []
}

/** All strings within a value, whatever its depth. */
function stringsIn(value: unknown): string[] {
  const strings: string[] = []
  const open: unknown[] = [value]
  for (let seen = 0; open.length > 0 && seen < MOST_VALUES; seen++) {
    const one = open.pop()
    if (typeof one === 'string') strings.push(one)
    else if (Array.isArray(one)) open.push(...one.slice(0, MOST_VALUES))
    else if (typeof one === 'object' && one !== null) open.push(...Object.values(one).slice(0, MOST_VALUES))
  }
  return strings
}

function capped(texts: readonly string[]): string[] {
  let left = READ_OF_A_REQUEST
  const read: string[] = []
  for (const text of texts) {
    if (left <= 0) break
    const piece = text.slice(0, Math.min(READ_OF_A_TEXT, left))
    left -= piece.length
    read.push(piece)
  }
  return read
}
