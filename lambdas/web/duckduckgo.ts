/** The page that DuckDuckGo gives to browsers without scripts. It is made for people; it is parsed, since nothing else is offered. */
import { parseHTML } from 'linkedom'
import type { DocumentElement, HtmlDocument } from './dom.ts'
import type { RawHit } from './hits.ts'

/** `challenge`: it takes us for a robot, and asks which pictures show a duck. */
export type DuckDuckGoAnswer = 'challenge' | 'unknown' | readonly RawHit[]

export function readDuckDuckGo(html: string): DuckDuckGoAnswer {
  const { document } = parseHTML(html) as unknown as { readonly document: HtmlDocument }
  if (document.querySelector('.anomaly-modal__modal, .anomaly-modal__title, #challenge-form') !== null)
    return 'challenge'
  const results = [...document.querySelectorAll('.result')]
  // The list is there without a hit, too.
  if (results.length === 0 && document.querySelector('#links, .no-results, .serp__results') === null) return 'unknown'
  return results.flatMap((result) => hitOf(result) ?? [])
}

function hitOf(result: DocumentElement): RawHit | undefined {
  const link = result.querySelector('a.result__a')
  const target = targetOf(link?.getAttribute('href') ?? '')
  if (link === null || target === undefined || isAd(result)) return undefined
  return {
    title: escaped(link.textContent),
    url: target,
    // Within the result itself: the next one's belongs to the next one.
    snippet: escaped(result.querySelector('.result__snippet')?.textContent ?? ''),
  }
}

const isAd = (result: DocumentElement): boolean => / (?:result--ad|badge--ad)/.test(` ${result.getAttribute('class')}`)

/** Its entities are resolved by now, and must not be a second time. */
const escaped = (text: string | null): string => (text ?? '').replaceAll('&', '&amp;')

/** Results lead through a page that counts them, ads through another. */
function targetOf(href: string): string | undefined {
  const url = URL.parse(href, 'https://html.duckduckgo.com/')
  if (url === null) return undefined
  if (!/(?:^|\.)duckduckgo\.com$/.test(url.hostname)) return url.href
  if (url.pathname === '/y.js' || url.searchParams.has('ad_provider')) return undefined
  const target = url.searchParams.get('uddg')
  // An ad leads back to the page that counts ads.
  return target === null || /^https?:\/\/(?:[^/]*\.)?duckduckgo\.com\/y\.js/i.test(target) ? undefined : target
}
