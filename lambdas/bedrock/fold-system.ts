/**
 * Messages of the role `system` within a conversation, for models that know the roles `user` and `assistant` only. What they say goes to
 * the user's turn beside them, told apart from the user's own words by the tags that Claude Code uses for the same.
 *
 * It goes to the turn before where that is the user's, else to the one behind, so that in a conversation which only grows a message that
 * was sent before is sent the same way again: the prompt cache and the signatures of thinking go by it. Behind a call of tools their
 * results have to come first; there it follows them.
 */
import { JsonEdit, type Path, type Piece } from '../json/json-edit.ts'
import { isJsonObject, type Json, listOf, memberOf } from '../json/json-path.ts'

const OPENING = Buffer.from('"<system-reminder>\\n')
const CLOSING = Buffer.from('\\n</system-reminder>"')

/** `{`: what else stands among blocks takes no mark. */
const OBJECT = 0x7b

export interface Conversation {
  /** JSON as UTF-8. */
  readonly utf8: Uint8Array
  readonly body: Json
}

export const hasSystemMessage = (body: Json): boolean => listOf(body, 'messages').some(isSystem)

/** @returns the request without such messages. */
export function foldSystemMessages({ utf8, body }: Conversation): Conversation {
  const edit = new JsonEdit(utf8)
  const messages = listOf(body, 'messages')
  const joined = new Map<number, Joined>()
  for (let place = 0; place < messages.length; place++) {
    if (!isSystem(messages[place])) continue
    let end = place
    while (end < messages.length && isSystem(messages[end])) end++
    const blocks = range(place, end).flatMap((one) => blocksOf(edit, ['messages', one], messages[one]))
    if (canTake(messages[place - 1])) joinedTo(joined, place - 1).behind.push(...blocks)
    else if (canTake(messages[end])) joinedTo(joined, end).before.push(...blocks)
    else
      edit.replace(['messages', place], Buffer.concat(['{"role":"user","content":', arrayOf(blocks), '}'].map(asBytes)))
    const stays = canTake(messages[place - 1]) || canTake(messages[end]) ? 0 : 1
    for (const one of range(place + stays, end)) edit.remove(['messages', one])
    place = end - 1
  }
  for (const [place, blocks] of joined)
    join(edit, ['messages', place, 'content'], memberOf(messages[place], 'content'), blocks)
  const folded = edit.bytes()
  return { utf8: folded, body: JSON.parse(Buffer.from(folded).toString('utf8')) as Json }
}

interface Joined {
  readonly before: Piece[]
  readonly behind: Piece[]
}

function joinedTo(joined: Map<number, Joined>, place: number): Joined {
  const known = joined.get(place) ?? { before: [], behind: [] }
  joined.set(place, known)
  return known
}

function join(edit: JsonEdit, path: Path, content: unknown, { before, behind }: Joined): void {
  if (Array.isArray(content)) {
    const results = content.findLastIndex((block) => memberOf(block, 'type') === 'tool_result')
    if (results < 0) edit.prepend(path, before)
    else edit.insertAfter([...path, results], before)
    edit.append(path, behind)
    return
  }
  const own = content === '' ? [] : [textBlock(edit.raw(path) ?? '""')]
  edit.replace(path, arrayOf([...before, ...own, ...behind]))
}

/** A system message as content blocks, ready to be put elsewhere. */
function blocksOf(edit: JsonEdit, path: Path, message: unknown): Piece[] {
  const content = memberOf(message, 'content')
  const inContent: Path = [...path, 'content']
  const blocks = Array.isArray(content)
    ? content.map((block, place) => wrapped(edit.raw([...inContent, place]) ?? '', block))
    : typeof content === 'string' && content !== ''
      ? [textBlock(wrap(edit.raw(inContent)))]
      : []
  return withMark(
    blocks,
    isJsonObject(memberOf(message, 'cache_control')) ? edit.raw([...path, 'cache_control']) : undefined,
  )
}

function wrapped(json: Piece, block: unknown): Piece {
  if (typeof memberOf(block, 'text') !== 'string') return json
  const edit = new JsonEdit(asBytes(json))
  edit.replace(['text'], wrap(edit.raw(['text'])))
  return edit.bytes()
}

/** A mark of the message itself means the end of what it says. */
function withMark(blocks: Piece[], mark: Uint8Array | undefined): Piece[] {
  const last = blocks.at(-1)
  if (mark === undefined || last === undefined || asBytes(last)[0] !== OBJECT) return blocks
  const edit = new JsonEdit(asBytes(last))
  if (edit.raw(['cache_control']) === undefined)
    edit.append([], [Buffer.concat([Buffer.from('"cache_control":'), mark])])
  return [...blocks.slice(0, -1), edit.bytes()]
}

/** @param string A JSON string with its quotes, taken over as it is written. */
const wrap = (string: Uint8Array = Buffer.from('""')): Uint8Array =>
  Buffer.concat([OPENING, string.subarray(1, -1), CLOSING])

const textBlock = (string: Piece): Piece => Buffer.concat(['{"type":"text","text":', string, '}'].map(asBytes))

const arrayOf = (pieces: readonly Piece[]): Piece =>
  Buffer.concat(['[', ...pieces.flatMap((piece, place) => (place === 0 ? [piece] : [',', piece])), ']'].map(asBytes))

const asBytes = (piece: Piece): Uint8Array => (typeof piece === 'string' ? Buffer.from(piece) : piece)

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, place) => from + place)

const isSystem = (message: unknown): boolean => memberOf(message, 'role') === 'system'

function canTake(message: unknown): boolean {
  const content = memberOf(message, 'content')
  return memberOf(message, 'role') === 'user' && (typeof content === 'string' || Array.isArray(content))
}
