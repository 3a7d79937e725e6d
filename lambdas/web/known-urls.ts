/**
 * Addresses that stand in a conversation. A page is read only where somebody else than the model has named it: a model that was talked into
 * it could carry off secrets in an address of its own making.
 */
import { isJsonObject, memberOf } from '../json/json-path.ts'

/** As addresses stand in text: up to white space, a quote or a bracket of markup. None that is longer can be read. */
const URL_IN_TEXT = /https?:\/\/[^\s<>"`\\]{1,2048}/gi
/** What ends a sentence rather than an address. */
const AFTER_URL = new Set(').,;:!?]}*')
/** What may end it, or be a part of it; the results of tools write brackets of markup as the last two. */
const PERHAPS_AFTER_URL = ["'", '&lt;', '&gt;']

/** @param messages With the results of server tools as ordinary ones, which are the user's turn. */
export function knownUrls(messages: readonly unknown[]): ReadonlySet<string> {
  const known = new Set<string>()
  for (const message of messages) {
    if (memberOf(message, 'role') === 'user') addUrls(memberOf(message, 'content'), known)
  }
  return known
}

export const isKnownUrl = (url: string, known: ReadonlySet<string>): boolean => {
  const same = sameAs(url)
  return same !== undefined && known.has(same)
}

function addUrls(content: unknown, known: Set<string>): void {
  if (typeof content === 'string') addUrlsOf(content, known)
  else if (Array.isArray(content)) for (const block of content) addUrls(block, known)
  else if (isJsonObject(content)) for (const name of TOLD_IN) addUrls(content[name], known)
}

/** Members of blocks in which something is said. */
const TOLD_IN = ['text', 'content', 'url', 'source', 'data']

function addUrlsOf(text: string, known: Set<string>): void {
  for (const [found] of text.matchAll(URL_IN_TEXT)) {
    for (const one of [found, ...PERHAPS_AFTER_URL.map((end) => upTo(found, end))]) {
      for (const same of [sameAs(one), sameAs(withoutEnd(one))]) if (same !== undefined) known.add(same)
    }
  }
}

const upTo = (text: string, end: string): string => {
  const place = text.indexOf(end)
  return place < 0 ? text : text.slice(0, place)
}

function withoutEnd(text: string): string {
  let end = text.length
  while (end > 0 && AFTER_URL.has(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** Of what is one page, one form: it is read over https in any case. */
function sameAs(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  url.hash = ''
  return url.href.replace(/^http:/, 'https:')
}
