/** What a provider found, made into what a request may see: bounded plain text, each page once, and only where the rule allows. */
import { cut, oneLine } from './clean-text.ts'
import { passes } from './domains.ts'
import type { DomainRule, SearchHit } from './web.ts'

/** As the provider told it. */
export interface RawHit {
  readonly title: unknown
  readonly url: unknown
  readonly snippet?: unknown
  readonly age?: unknown
}

/** Engines show some 70 of a title; a page that says more in one says it for machines. */
const LONGEST_TITLE = 200
/** Two paragraphs: what engines made for models tell of a page (Tavily, about 1,500). Twenty of them stay below 10,000 tokens. */
const LONGEST_SNIPPET = 2000
/** As long as the addresses that we go out to. */
const LONGEST_URL = 2048
/** The longest date in words, with its time. */
const LONGEST_AGE = 60

export const MOST_RESULTS = 20

/** 1 to 20, whatever a setting says. */
export const resultsWanted = (wish: number): number =>
  Number.isFinite(wish) ? Math.min(Math.max(Math.trunc(wish), 1), MOST_RESULTS) : 1

export function cleanHits(raw: readonly RawHit[], rule: DomainRule, most: number): readonly SearchHit[] {
  const hits = new Map<string, SearchHit>()
  for (const one of raw) {
    if (hits.size >= resultsWanted(most)) break
    const hit = cleanHit(one)
    if (hit !== null && !hits.has(hit.url) && passes(hit.url, rule)) hits.set(hit.url, hit)
  }
  return [...hits.values()]
}

function cleanHit({ title, url, snippet, age }: RawHit): SearchHit | null {
  const address = cleanUrl(url)
  const name = oneLine(textOf(title), LONGEST_TITLE)
  if (address === null || name === '') return null
  return {
    title: name,
    url: address,
    snippet: oneLine(textOf(snippet), LONGEST_SNIPPET),
    pageAge: oneLine(textOf(age), LONGEST_AGE) || null,
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** As URLs are written, so that it holds no sign but those of URLs. */
function cleanUrl(value: unknown): string | null {
  const url = typeof value === 'string' ? URL.parse(cut(value.trim(), LONGEST_URL + 1)) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  return url.href.length <= LONGEST_URL ? url.href : null
}
