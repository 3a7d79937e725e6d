/**
 * What stands in a JSON object or array, as places in its bytes, so that some of it can be changed and the rest passed on as it came.
 * Reading a body and writing it anew takes ten times as long, and changes what a prompt cache goes by.
 *
 * The JSON is known to be well-formed: it has been parsed before. All signs of JSON are ASCII, and no other character of UTF-8 has them
 * in it; bytes that are no UTF-8 can only stand in strings, where they are passed over. Nothing here calls itself, so depth costs nothing.
 */

export interface Item {
  /** Of a member of an object; `null` for an element of an array. */
  readonly name: string | null
  /** Place of the quote before the name; of an element, of its value. */
  readonly from: number
  readonly value: number
  /** Place of the comma or bracket after the value, so white space after the value belongs to it. */
  readonly to: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** The highest of JSON's four kinds of white space; everything below it is one or cannot stand between values. */
const SPACE = 0x20

/** Whether the value that begins there is an object or an array. */
export const isContainerAt = (json: Buffer, place: number): boolean =>
  json[place] === OPEN_OBJECT || json[place] === OPEN_ARRAY

/** @param opening Place of the object's brace or the array's bracket. @returns Nothing for any other value. */
export function itemsAt(json: Buffer, opening: number): readonly Item[] {
  const isObject = json[opening] === OPEN_OBJECT
  if (!isContainerAt(json, opening)) return []
  const items: Item[] = []
  let from = startOfValue(json, opening + 1)
  if (isClosing(json[from])) return items
  for (;;) {
    const nameEnd = isObject ? endOfString(json, from) : from
    const value = isObject ? startOfValue(json, json.indexOf(COLON, nameEnd) + 1) : from
    const to = endOfValue(json, value)
    const name = isObject ? (JSON.parse(json.toString('utf8', from, nameEnd)) as string) : null
    items.push({ name, from, value, to })
    if (json[to] !== COMMA) return items
    from = startOfValue(json, to + 1)
  }
}

/** @returns the first place from there on that is not white space */
export function startOfValue(json: Buffer, from: number): number {
  let at = from
  while (at < json.length && (json[at] ?? 0) <= SPACE) at++
  return at
}

/** @returns the value at this place without white space around it */
export function valueAt(json: Buffer, { value, to }: Pick<Item, 'value' | 'to'>): Buffer {
  let end = to
  while (end > value && (json[end - 1] ?? 0) <= SPACE) end--
  return json.subarray(value, end)
}

const isClosing = (byte: number | undefined): boolean => byte === CLOSE_ARRAY || byte === CLOSE_OBJECT

/**
 * Most strings are shorter than this, and looking at each byte is quicker for them than a call of `indexOf`; in what is longer,
 * `indexOf` is ten times as quick (measured on bodies of Claude Code).
 */
const SHORT_STRING = 32

/** @returns the place after the closing quote */
function endOfString(json: Buffer, opening: number): number {
  const near = Math.min(opening + SHORT_STRING, json.length)
  let at = opening + 1
  while (at < near) {
    const byte = json[at]
    if (byte === QUOTE) return at + 1
    // What a backslash stands before is no quote.
    at += byte === BACKSLASH ? 2 : 1
  }
  return endOfLongString(json, at)
}

/** @param from A place in the string that no backslash stands before. */
function endOfLongString(json: Buffer, from: number): number {
  let at = from
  for (;;) {
    const quote = json.indexOf(QUOTE, at)
    if (quote < 0) throw new RangeError('a string without an end')
    let before = quote - 1
    while (before >= at && json[before] === BACKSLASH) before--
    // An even number of backslashes escape one another.
    if ((quote - before) % 2 === 1) return quote + 1
    at = quote + 1
  }
}

/** @returns the place of the comma or bracket after it */
function endOfValue(json: Buffer, from: number): number {
  let depth = 0
  let at = from
  while (at < json.length) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++
    else if (isClosing(byte) && depth-- === 0) return at
    else if (byte === COMMA && depth === 0) return at
    at++
  }
  return json.length
}
