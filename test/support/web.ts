/** The web as a request sees it, through the real way out to the engines on this machine. */
import { openOutbound } from '../../lambdas/http/outbound.client.ts'
import { nanoUsd } from '../../lambdas/platform/money.ts'
import { systemTimers, type Timers } from '../../lambdas/platform/timer.host.ts'
import { openWebPages } from '../../lambdas/web/pages.client.ts'
import { openWebSearch } from '../../lambdas/web/search.client.ts'
import type {
  PageQuestion,
  Provider,
  ProviderType,
  SearchQuestion,
  WebPages,
  WebSearch,
} from '../../lambdas/web/web.ts'
import type { SearchEngines } from '../../local/web/search-engines.ts'

export interface OpenedWeb {
  readonly search: WebSearch
  readonly pages: WebPages
  /** The names that were looked up. */
  readonly resolved: readonly string[]
}

export interface WebWish {
  readonly timers?: Timers
  readonly nowMs?: () => number
  readonly allowedHosts?: string
  /** Names, and the addresses they stand for; others are unknown. */
  readonly names?: Readonly<Record<string, readonly string[]>>
}

export function openWeb({ endpoint, endpoints }: SearchEngines, wish: WebWish = {}): OpenedWeb {
  const { timers = systemTimers, nowMs = () => 0, allowedHosts = new URL(endpoint).host, names = {} } = wish
  const resolved: string[] = []
  const outbound = openOutbound(
    { allowedHosts, extraCa: '' },
    {
      timers,
      addressesOf: async (name) => {
        resolved.push(name)
        return names[name] ?? (/^[\d.]+$|:/.test(name) ? [name] : [])
      },
    },
  )
  return {
    search: openWebSearch({ endpoints }, { outbound, timers, nowMs }),
    pages: openWebPages({ outbound }),
    resolved,
  }
}

/** Costs a thousandth of a dollar each time. */
export const providerOf = (
  { endpoints, keys }: SearchEngines,
  type: ProviderType,
  wish: Partial<Provider> = {},
): Provider => ({
  type,
  apiKey: keys[type] === '' ? null : keys[type],
  apiUrl: type === 'custom' || type === 'searxng' ? endpoints[type] : null,
  maxResults: 5,
  price: nanoUsd(1_000_000),
  ...wish,
})

export const searchFor = (query: string, wish: Partial<SearchQuestion> = {}): SearchQuestion => ({
  query,
  location: null,
  allowedDomains: null,
  blockedDomains: null,
  ...wish,
})

export const pageAt = (url: string, wish: Partial<PageQuestion> = {}): PageQuestion => ({
  url,
  maxTokens: null,
  allowedDomains: null,
  blockedDomains: null,
  ...wish,
})

/** Of somebody who waits. */
export const waiting = (): AbortSignal => new AbortController().signal
