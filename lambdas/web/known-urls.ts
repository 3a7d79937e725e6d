/** Addresses that stand in a conversation. A page is read only where somebody else than the model has named it: a model that was talked into it could carry off secrets in an address of its own making. */
import { isJsonObject, memberOf } from '../json/json-path.ts'

/** As addresses stand in text: up to white space, a quote or a bracket of markup. */
const URL_IN_TEXT = /https?:\/\/[^\s<>"'`\\]+/gi
/** What ends a sentence rather than an address. */
const AFTER_URL = /[).,;:!?\]}*]+$/

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
    for (const one of [found, found.replace(AFTER_URL, '')]) {
      const same = sameAs(one)
      if (same !== undefined) known.add(same)
    }
  }
}

/** Of what is one page, one form. */
function sameAs(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  url.hash = ''
  return url.href
}
