/** `/admin/search-providers` and `/admin/websearch-mode` */
import * as contract from '../../contract/web-search.ts'
import { type Operation, operation } from '../http/operation.ts'
import { isoOf } from '../platform/instant.ts'
import { exactUsd } from '../platform/money.ts'
import {
  activateProvider,
  type Kept,
  type ProviderTools,
  removeProvider,
  saveProvider,
} from './manage-providers.flow.ts'
import { type OwnSearchTools, searchesOf } from './own-searches.flow.ts'
import { wishOf } from './provider-wish.ts'
import { priceOfSearch, setSearchMode, usdPerThousand } from './set-search-mode.flow.ts'
import { type ProviderTestTools, testProvider } from './test-provider.flow.ts'

type Tools = ProviderTools & ProviderTestTools & OwnSearchTools

export const webSearchOperations = (tools: Tools): readonly Operation[] => [
  ...ownOperations(tools),
  ...modeOperations(tools),
]

/** Enough to see what it is about. */
const LONGEST_SNIPPET = 200

const shortened = (text: string): string =>
  text.length <= LONGEST_SNIPPET ? text : `${text.slice(0, LONGEST_SNIPPET).replace(/[\ud800-\udbff]$/, '')}…`

const ownOperations = (tools: Tools): readonly Operation[] => [
  operation(contract.listSearchProviders)(async ({ caller, at }) => {
    const [{ providers, active, rev }, { mode, provider, fallback }, month] = await Promise.all([
      tools.settings.ofUser(caller.userId),
      tools.settings.ofAll(),
      searchesOf(caller.userId, at, tools),
    ])
    return {
      status: 200,
      body: {
        providers: providers.map((one) => rowOf({ provider: one, active: one.type === active })),
        mode,
        global_provider: mode === 'global' ? (provider?.type ?? null) : null,
        fallback,
        this_month: { searches: month.searches, cost_usd: exactUsd(month.cost) },
        rev,
      },
    }
  }),
  operation(contract.saveSearchProvider)(async ({ body, ...request }) => {
    const kept = await saveProvider({ ...wishOf(body), active: body.enabled, rev: body.rev }, request, tools)
    return { status: 200, body: { provider: rowOf(kept), rev: kept.rev } }
  }),
  operation(contract.activateSearchProvider)(async ({ body, ...request }) => {
    const { provider, rev } = await activateProvider(body.provider_type, body.rev, request, tools)
    return {
      status: 200,
      body: { provider: { id: provider.id, provider_type: provider.type, enabled: true as const }, rev },
    }
  }),
  operation(contract.testSearchProvider)(async ({ body, ...request }) => {
    const wish = { ...wishOf(body), overStored: body.use_stored_key ?? false, scope: body.scope }
    const { hits, error, durationMs } = await testProvider(wish, request, tools)
    if (hits === null) return { status: 200, body: { success: false as const, error, duration_ms: durationMs } }
    const results = hits.map(({ title, url, snippet }) => ({ title, url, snippet: shortened(snippet) }))
    return {
      status: 200,
      body: { success: true as const, result_count: hits.length, results, duration_ms: durationMs },
    }
  }),
  operation(contract.removeSearchProvider)(async ({ params, ...request }) => ({
    status: 200,
    body: (await removeProvider(params.type, request, tools))
      ? { deleted: true as const }
      : { deleted: false as const, message: 'No config to delete' as const },
  })),
]

const rowOf = ({ provider, active }: Pick<Kept, 'provider' | 'active'>) => ({
  id: provider.id,
  provider_type: provider.type,
  has_api_key: provider.sealedKey !== null,
  api_url: provider.apiUrl,
  max_results: provider.maxResults,
  enabled: active,
  created_at: isoOf(provider.createdAt),
  updated_at: isoOf(provider.updatedAt),
})

const modeOperations = (tools: Tools): readonly Operation[] => [
  operation(contract.readWebSearchMode)(async () => {
    const { mode, provider, fetches, fallback, rev } = await tools.settings.ofAll()
    const shown = mode === 'global' && provider !== null
    return {
      status: 200,
      body: {
        mode,
        ...(shown && {
          provider: {
            provider_type: provider.type,
            has_api_key: provider.sealedKey !== null,
            api_url: provider.apiUrl,
            max_results: provider.maxResults,
            price_per_1000_usd: usdPerThousand(provider.price),
          },
        }),
        web_fetch: fetches,
        fallback,
        rev,
      },
    }
  }),
  operation(contract.setWebSearchMode)(async ({ body, ...request }) => {
    const { provider = null, mode, web_fetch, fallback, rev } = body
    const price = provider?.price_per_1000_usd
    const shared = provider && { ...wishOf(provider), price: price === undefined ? undefined : priceOfSearch(price) }
    const wish = { mode, provider: shared, fetches: web_fetch, fallback, rev }
    return { status: 200, body: { updated: true as const, rev: await setSearchMode(wish, request, tools) } }
  }),
]
