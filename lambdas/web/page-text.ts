/** What kind of text an answer is, and how its bytes are read. */

export type PageKind = 'html' | 'text' | 'pdf' | 'other'

const HTML = new Set(['text/html', 'application/xhtml+xml'])
const TEXT = new Set([
  'text/plain',
  'text/markdown',
  'text/x-markdown',
  'text/csv',
  'text/xml',
  'text/yaml',
  'application/xml',
  'application/json',
  'application/yaml',
  'application/x-yaml',
])

const mediaType = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase()

export function kindOf(contentType: string): PageKind {
  const type = mediaType(contentType)
  if (HTML.has(type)) return 'html'
  if (TEXT.has(type) || /^application\/[\w.-]+\+(?:json|xml)$/.test(type)) return 'text'
  return type === 'application/pdf' ? 'pdf' : 'other'
}

/** Where a page may name its character set. Source: HTML standard, 13.2.3.2: "the first 1024 bytes". */
const LOOKED_AT = 1024

/** Source: HTML standard, 13.2.3.2: a byte order mark, then what the transport says, then the page itself. */
export function textOfBytes(body: Uint8Array, contentType: string): string {
  const named = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1]
  return decoded(body, markOf(body) ?? named ?? namedInPage(body) ?? 'utf-8')
}

function markOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** `<meta charset>`, `<meta http-equiv content>` and the declaration of XML. */
function namedInPage(body: Uint8Array): string | undefined {
  const begin = new TextDecoder('latin1').decode(body.subarray(0, LOOKED_AT))
  return (/<meta\s[^>]*?charset\s*=\s*["']?\s*([\w-]+)/i.exec(begin) ??
    /^<\?xml\s[^>]*?encoding\s*=\s*["']([\w-]+)/i.exec(begin))?.[1]
}

/** A name that nobody knows is no reason to read nothing. */
function decoded(body: Uint8Array, name: string): string {
  try {
    return new TextDecoder(name).decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}
