/**
 * Server-sent events out of pieces of bytes, cut wherever the network cut them. An event's data stays the bytes that came.
 * Source: WHATWG HTML, "Server-sent events", 9.2.5 and 9.2.6.
 */

export interface ServerSentEvent {
  /** `null` where no `event:` line named it. */
  readonly name: string | null
  /** Several `data:` lines are joined by newlines. */
  readonly data: Uint8Array
}

export interface SseReader {
  /** The events that this piece completes. What the stream ends without completing is no event. @throws RangeError */
  push(piece: Uint8Array): ServerSentEvent[]
}

/** A longer line is no event of a model: the longest answer is some hundred thousand tokens, a megabyte or two. */
const LONGEST_LINE = 16 * 1024 * 1024

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const EMPTY = new Uint8Array(0)

/** @param longestLine bytes, of a line and of an event's data */
export function createSseReader(longestLine = LONGEST_LINE): SseReader {
  const lines = createLineReader(longestLine)
  let isFirstLine = true
  let name: string | null = null
  let data: Uint8Array[] = []
  let dataBytes = 0

  const field = (line: Uint8Array): void => {
    const { key, value } = fieldOf(line)
    if (key === 'event') name = Buffer.from(value).toString('utf8')
    if (key !== 'data') return
    dataBytes += value.length
    if (dataBytes > longestLine) throw new RangeError('an event is longer than any answer')
    data.push(value)
  }
  const event = (): ServerSentEvent | null => {
    const complete = data.length === 0 ? null : { name, data: joined(data) }
    name = null
    data = []
    dataBytes = 0
    return complete
  }
  return {
    push(piece) {
      const events: ServerSentEvent[] = []
      for (const raw of lines.push(piece)) {
        const line = isFirstLine ? withoutMark(raw) : raw
        isFirstLine = false
        if (line.length > 0) {
          field(line)
          continue
        }
        const complete = event()
        if (complete !== null) events.push(complete)
      }
      return events
    },
  }
}

const withoutMark = (line: Uint8Array): Uint8Array =>
  BYTE_ORDER_MARK.equals(line.subarray(0, BYTE_ORDER_MARK.length)) ? line.subarray(BYTE_ORDER_MARK.length) : line

/** `: comment` has an empty key, a line without a colon an empty value; one space after the colon is no part of the value. */
function fieldOf(line: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  const colon = line.indexOf(COLON)
  if (colon < 0) return { key: Buffer.from(line).toString('latin1'), value: EMPTY }
  const from = line[colon + 1] === SPACE ? colon + 2 : colon + 1
  return { key: Buffer.from(line.subarray(0, colon)).toString('latin1'), value: line.subarray(from) }
}

function joined(values: readonly Uint8Array[]): Uint8Array {
  const [only] = values
  if (values.length === 1 && only !== undefined) return only
  return Buffer.concat(values.flatMap((value, place) => (place === 0 ? [value] : [Buffer.of(LF), value])))
}

/** Lines end with CR, LF or both; a CR and its LF may come in two pieces. */
function createLineReader(longestLine: number): { push(piece: Uint8Array): Uint8Array[] } {
  let begun: Uint8Array[] = []
  let begunBytes = 0
  let endedWithCr = false

  const keep = (part: Uint8Array): void => {
    begunBytes += part.length
    if (begunBytes > longestLine) throw new RangeError('a line is longer than any event')
    if (part.length > 0) begun.push(part)
  }
  const line = (last: Uint8Array): Uint8Array => {
    keep(last)
    const [only] = begun
    const whole = begun.length === 1 && only !== undefined ? only : Buffer.concat(begun)
    begun = []
    begunBytes = 0
    return whole
  }
  return {
    push(piece) {
      const lines: Uint8Array[] = []
      let from = endedWithCr && piece[0] === LF ? 1 : 0
      if (piece.length > 0) endedWithCr = false
      for (let end = nextEnd(piece, from); end >= 0; end = nextEnd(piece, from)) {
        lines.push(line(piece.subarray(from, end)))
        const isCr = piece[end] === CR
        endedWithCr = isCr && end === piece.length - 1
        from = isCr && piece[end + 1] === LF ? end + 2 : end + 1
      }
      keep(piece.subarray(from))
      return lines
    },
  }
}

function nextEnd(piece: Uint8Array, from: number): number {
  const lf = piece.indexOf(LF, from)
  const before = lf < 0 ? piece : piece.subarray(0, lf)
  const cr = before.indexOf(CR, from)
  return cr < 0 ? lf : cr
}
