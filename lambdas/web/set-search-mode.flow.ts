/** Whether people may search the web, and by whose means: set over what was seen, so that of two administrators neither is lost. */
import { Fault } from '../platform/fault.ts'
import { exactUsd, type NanoUsd, nanoUsd, ZERO_USD } from '../platform/money.ts'
import { refuseStale } from '../platform/revision.ts'
import { type ProviderTools, type Request, sealedKeyOf } from './manage-providers.flow.ts'
import { judgeWish, type ProviderWish, refuseMovedKey, toldOf } from './provider-wish.ts'
import type { SearchSettings, SharedProvider } from './search-settings.ts'
import type { WebSearchMode } from './web.ts'

export interface SharedWish extends ProviderWish {
  /** `undefined`: as it is. */
  readonly price: NanoUsd | undefined
}

export interface SearchModeWish {
  readonly mode: WebSearchMode
  /** `null`: as it is. */
  readonly provider: SharedWish | null
  readonly fetches: boolean | undefined
  readonly fallback: boolean | undefined
  readonly rev: number | undefined
}

/** A thousand searches. */
const PRICED_AT_ONCE = 1_000
const NANO_PER_USD = 1_000_000_000

/** Exact: an amount has at most six decimals. */
export const priceOfSearch = (usdPerThousand: number): NanoUsd =>
  nanoUsd(Math.round(usdPerThousand * (NANO_PER_USD / PRICED_AT_ONCE)))

export const usdPerThousand = (price: NanoUsd): number => exactUsd(nanoUsd(price * PRICED_AT_ONCE))

/** Administrators are few: of those who set it at once, one gets through in each round. */
const MAX_TRIES = 5

/** @returns The new revision. @throws Fault `invalid_request` that names the field, `conflict` */
export async function setSearchMode(wish: SearchModeWish, request: Request, tools: ProviderTools): Promise<number> {
  const { caller, at, requestId } = request
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.settings.ofAll()
    refuseStale(seen.rev, wish.rev)
    const { provider, told } = await providerOf(wish.provider, seen, tools)
    const next: SearchSettings = {
      mode: wish.mode,
      provider,
      fetches: wish.fetches ?? seen.fetches,
      fallback: wish.fallback ?? seen.fallback,
      rev: seen.rev,
    }
    const detail = { mode: next.mode, web_fetch: next.fetches, fallback: next.fallback, ...told }
    const action = 'websearch-mode.set'
    const audit = { id: tools.newId(), at, requestId, actor: caller, action, target: 'setting:websearch', detail }
    if ((await tools.settings.setForAll(next, seen.rev, audit)) === 'done') return seen.rev + 1
  }
  throw new Fault('conflict', 'The web search is being set at this moment; try again')
}

interface Provided {
  readonly provider: SharedProvider | null
  /** For the audit. */
  readonly told: object
}

/** Of a provider of another type nothing is taken over. */
async function providerOf(wish: SharedWish | null, seen: SearchSettings, tools: ProviderTools): Promise<Provided> {
  if (wish === null) return { provider: seen.provider, told: {} }
  const { type } = wish
  const before = seen.provider?.type === type ? seen.provider : null
  const judged = judgeWish(wish, before, tools.allowedHosts, 'provider.')
  refuseMovedKey(judged, before, 'provider.')
  const price = wish.price ?? before?.price ?? ZERO_USD
  const sealedKey = await sealedKeyOf(wish, judged, before, null, tools)
  return {
    provider: { type, sealedKey, apiUrl: judged.apiUrl, maxResults: judged.maxResults, price },
    told: { provider: { ...toldOf(judged), price_per_1000_usd: usdPerThousand(price) } },
  }
}
