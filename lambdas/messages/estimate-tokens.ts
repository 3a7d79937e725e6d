/**
 * How many tokens a request has, estimated here, where Bedrock does not count: system, messages and tools, text by its length,
 * images by their size in pixels, documents by theirs in bytes; never the length of base64.
 * Sources: Anthropic's guides to vision, PDF support and token counting.
 */

import { GIF } from 'image-size/types/gif'
import { JPG } from 'image-size/types/jpg'
import { PNG } from 'image-size/types/png'
import { WEBP } from 'image-size/types/webp'
import { isJsonObject, type Json } from '../json/json-path.ts'

/** @param body A Messages request; whatever shape its parts have, it is a number. */
export function estimatePromptTokens(body: Json): number {
  return Math.ceil(tokensOf(body.system) + tokensOf(body.messages) + tokensOf(body.tools))
}

/** English and code have about four bytes a token; other scripts have more bytes a letter and fewer letters a token. */
const BYTES_PER_TOKEN = 4

/** Nothing that a model reads lies deeper; what does is somebody's attempt to fill the stack. */
const DEEPEST = 64

function tokensOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return Buffer.byteLength(value) / BYTES_PER_TOKEN
  if (depth > DEEPEST) return 0
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + tokensOf(one, depth + 1), 0)
  if (!isJsonObject(value)) return 0
  if (value.type === 'image') return tokensOfImage(value.source)
  if (value.type === 'document' && isJsonObject(value.source)) return tokensOfDocument(value, value.source, depth)
  if (isReadAsJson(value)) return tokensOfJson(value, depth)
  return Object.entries(value).reduce(
    (sum, [name, part]) => sum + (NOT_READ.has(name) ? 0 : tokensOf(part, depth + 1)),
    0,
  )
}

/** What says where a text belongs, and what is no text: ids, signatures, encrypted thoughts. */
const NOT_READ: ReadonlySet<string> = new Set([
  'type',
  'role',
  'id',
  'tool_use_id',
  'signature',
  'data',
  'encrypted_content',
  'cache_control',
])

/** A tool is read as JSON, names and all; so is what one was called with. */
const isReadAsJson = (block: Json): boolean => 'input_schema' in block || block.type === 'tool_use'

/** Quotes, colon and comma of a member; the comma of an element. */
const MEMBER_BYTES = 4

function tokensOfJson(value: unknown, depth: number): number {
  if (depth > DEEPEST) return 0
  if (Array.isArray(value))
    return value.reduce((sum: number, one) => sum + tokensOfJson(one, depth + 1), value.length / BYTES_PER_TOKEN)
  if (!isJsonObject(value)) return Buffer.byteLength(String(value)) / BYTES_PER_TOKEN
  return Object.entries(value).reduce(
    (sum, [name, part]) =>
      sum + (Buffer.byteLength(name) + MEMBER_BYTES) / BYTES_PER_TOKEN + tokensOfJson(part, depth + 1),
    0,
  )
}

/** An image has a token for 750 pixels, after it has been made to fit into 1568 by 1568. */
const PIXELS_PER_TOKEN = 750
const LONGEST_EDGE = 1568
/** What the largest image costs; taken for one whose size is not known. */
const MOST_IMAGE_TOKENS = 1600

function tokensOfImage(source: unknown): number {
  const size = isJsonObject(source) && source.type === 'base64' ? sizeOf(source.data) : undefined
  if (size === undefined) return MOST_IMAGE_TOKENS
  const shrunk = Math.min(1, LONGEST_EDGE / Math.max(size.width, size.height))
  const pixels = size.width * shrunk * (size.height * shrunk)
  return Math.min(MOST_IMAGE_TOKENS, Math.ceil(pixels / PIXELS_PER_TOKEN))
}

/** Characters of base64. The size stands in the first bytes but for a JPEG's, behind its preview of at most 64 kB. */
const HEAD = 128 * 1024

/** Those that Claude sees. Source: Anthropic's guide to vision. */
const KINDS = [PNG, JPG, GIF, WEBP]

function sizeOf(data: unknown): { readonly width: number; readonly height: number } | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const bytes = Buffer.from(data.slice(0, HEAD), 'base64')
    const { width, height } = KINDS.find((kind) => kind.validate(bytes))?.calculate(bytes) ?? { width: 0, height: 0 }
    return width > 0 && height > 0 ? { width, height } : undefined
  } catch {
    // No image that is known here, or one whose size comes later.
    return undefined
  }
}

/**
 * Rough: a page of a PDF is read as its text and as an image, 3,000 tokens together, and takes about 60 kB. A page of text
 * alone is smaller and a scanned one larger, so that both come out within a factor of three.
 */
const PDF_BYTES_PER_PAGE = 60_000
const TOKENS_PER_PAGE = 3_000
/** Anthropic takes no longer one. */
const MOST_PAGES = 600

function tokensOfDocument(document: Json, source: Json, depth: number): number {
  const around = tokensOf([document.title, document.context], depth)
  if (source.type === 'base64' && typeof source.data === 'string') {
    const bytes = (source.data.length * 3) / 4
    return around + Math.min(MOST_PAGES, Math.ceil(bytes / PDF_BYTES_PER_PAGE)) * TOKENS_PER_PAGE
  }
  if (source.type === 'text') return around + tokensOf(source.data, depth)
  if (source.type === 'content') return around + tokensOf(source.content, depth + 1)
  // A file that lies elsewhere: one page at least.
  return around + TOKENS_PER_PAGE
}
