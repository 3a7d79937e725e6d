/**
 * The members of a JSON object as places in its bytes, so that some can be taken out and the rest passed on as it came.
 * Reading a body and writing it anew takes ten times as long, and changes what a prompt cache goes by.
 */

export interface Member {
  readonly name: string
  /** Of the bytes, name and value together: from the quote before the name, up to the comma or brace after the value. */
  readonly from: number
  readonly to: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/** @param json A JSON object in UTF-8, known to be well-formed. All signs of JSON are ASCII, and no other character has them in it. */
export function membersOf(json: Uint8Array): readonly Member[] {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength)
  const members: Member[] = []
  let at = bytes.indexOf('{') + 1
  for (;;) {
    const from = bytes.indexOf(QUOTE, at)
    if (from < 0) return members
    const nameEnd = endOfString(bytes, from)
    const to = endOfValue(bytes, bytes.indexOf(COLON, nameEnd) + 1)
    members.push({ name: JSON.parse(bytes.toString('utf8', from, nameEnd)) as string, from, to })
    if (bytes[to] !== COMMA) return members
    at = to + 1
  }
}

/** @returns the place after the closing quote */
function endOfString(bytes: Buffer, opening: number): number {
  let at = opening
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1)
    if (at < 0) throw new RangeError('a string without an end')
    let before = at - 1
    while (bytes[before] === BACKSLASH) before--
    // An even number of backslashes escape one another.
    if ((at - before) % 2 === 1) return at + 1
  }
}

/** @returns the place of the comma or brace after it */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) {
      at = endOfString(bytes, at)
      continue
    }
    if (depth === 0 && (byte === COMMA || CLOSING.has(byte))) return at
    if (OPENING.has(byte)) depth++
    else if (CLOSING.has(byte)) depth--
    at++
  }
  throw new RangeError('a value without an end')
}
