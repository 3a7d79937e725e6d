/**
 * Text that strangers wrote, made into plain text: it goes into a conversation, and people look at it in the portal. What cannot be
 * seen can still be read by a model, and what looks like markup of a conversation can be taken for it.
 */

/**
 * Controls and everything that has no form of its own: directions, zero widths, tags, selectors. Whole messages have been hidden in
 * each of them. Source: Unicode, UTR 36 and UTS 39.
 */
const UNSEEN = /(?![\n\t])(?:[\p{Cc}\p{Cf}]|[\u{FE00}-\u{FE0F}]|[\u{E0100}-\u{E01EF}])/gu

const LINE_END = /\r\n?|[\u0085\u2028\u2029]/g

/** Only what can be seen; `\n` for every end of a line. */
const visible = (text: string): string => text.toWellFormed().replace(LINE_END, '\n').replace(UNSEEN, '')

/** At most so many characters, none of them halved. */
export function cut(text: string, characters: number): string {
  if (text.length <= characters) return text
  // No character takes more than two units.
  return [...text.slice(0, 2 * characters + 1)].slice(0, characters).join('')
}

/** What begins like a tag and ends like one, and comments. */
const TAG = /<!--[\s\S]*?(?:-->|$)|<[/!?]?[a-z][^<>]*>/gi
/** They stand within a word as well; every other tag ends it. */
const WITHIN_WORDS = /^<\/?(?:a|b|em|i|mark|span|strong|u|wbr)\b/i

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  hellip: '…',
  laquo: '«',
  ldquo: '“',
  lsquo: '‘',
  lt: '<',
  mdash: '—',
  middot: '·',
  nbsp: ' ',
  ndash: '–',
  quot: '"',
  raquo: '»',
  rdquo: '”',
  rsquo: '’',
}
const LAST_CODE_POINT = 0x10ffff

function entityOf(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code <= LAST_CODE_POINT ? String.fromCodePoint(code) : ''
}

/** Markup that hides in entities, those in others, and one more; then it is no mistake, and its brackets are taken. */
const ROUNDS = 4

function unmarked(text: string): string {
  let now = visible(text)
  for (let round = 0; round < ROUNDS; round++) {
    const next = visible(now.replace(TAG, (tag) => (WITHIN_WORDS.test(tag) ? '' : ' ')).replace(ENTITY, entityOf))
    if (next === now) break
    now = next
  }
  return now.replace(/<(?=[a-z/!?])/gi, '‹')
}

/** What markup and folding take away is mostly less than what stays. What is longer is not read at all. */
const READ_AHEAD = 8

/** One line without markup, of at most so many characters. */
export const oneLine = (text: string, characters: number): string =>
  cut(
    unmarked(cut(text, READ_AHEAD * characters))
      .replace(/\s+/g, ' ')
      .trim(),
    characters,
  ).trimEnd()

/** Tags that conversations with a model are made of, in its training or in what clients send; in a page they are only there to deceive. */
const CONVERSATION_TAG = /<(?=\/?(?:antml:|assistant\b|function_|human\b|invoke\b|system|tool_|user\b))/gi

/** Text whose lines mean something: what a page shows of code may hold any markup, but none of a conversation. */
export const plainLines = (text: string): string =>
  visible(text)
    .replace(CONVERSATION_TAG, '‹')
    // Not by a pattern: that would try a run of spaces anew from each of them.
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Elements whose content is no text end with the first end tag of one of them. */
const NO_TEXT = /^<(?:script|style)\b/i
const END_OF_NO_TEXT = /<\/(?:script|style)/gi

/** What stands between the tags of a page, roughly, and in time that grows with its length alone: for what cannot be parsed in time. */
export function withoutTags(html: string): string {
  const parts: string[] = []
  let at = 0
  for (let open = html.indexOf('<'); open >= 0; open = html.indexOf('<', at)) {
    parts.push(html.slice(at, open), ' ')
    const close = html.indexOf('>', open)
    at = close < 0 ? html.length : close + 1
    if (NO_TEXT.test(html.slice(open, open + 8))) {
      END_OF_NO_TEXT.lastIndex = at
      at = END_OF_NO_TEXT.exec(html)?.index ?? html.length
    }
  }
  parts.push(html.slice(at))
  return parts.join('').replace(ENTITY, entityOf)
}

/** At most so many bytes of UTF-8, and no half character. */
export function cutBytes(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}
