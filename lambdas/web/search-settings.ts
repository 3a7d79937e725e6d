/** Who may search, and by whose means, as it is stored. What is read is judged leniently: a request is not to fail for a setting. */
import * as z from 'zod/mini'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import { type NanoUsd, nanoUsd } from '../platform/money.ts'
import { resultsWanted } from './hits.ts'
import { PROVIDER_TYPES, type Provider, type ProviderType, WEB_SEARCH_MODES, type WebSearchMode } from './web.ts'

export interface SavedProvider {
  readonly type: ProviderType
  readonly sealedKey: string | null
  readonly apiUrl: string | null
  /** 1 to 20. */
  readonly maxResults: number
}

/** Of a person. */
export interface OwnProvider extends SavedProvider {
  readonly id: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface OwnProviders {
  /** One of them. */
  readonly active: ProviderType | null
  /** One of each type at most. */
  readonly providers: readonly OwnProvider[]
  /** Counts the changes. */
  readonly rev: number
}

/** For everybody. */
export interface SharedProvider extends SavedProvider {
  /** Of one search. */
  readonly price: NanoUsd
}

export interface SearchSettings {
  readonly mode: WebSearchMode
  /** Asked in mode `global`; kept in the others. */
  readonly provider: SharedProvider | null
  /** Whether pages may be read. */
  readonly fetches: boolean
  /** Whether DuckDuckGo is asked where the provider for everybody does not answer. */
  readonly fallback: boolean
  /** Counts the changes. */
  readonly rev: number
}

export const NO_PROVIDERS: OwnProviders = { active: null, providers: [], rev: 0 }

const USUAL_SETTINGS: SearchSettings = {
  mode: 'enabled',
  provider: null,
  fetches: false,
  fallback: true,
  rev: 0,
}

/** As many as the gateway we follow asks for. */
export const USUAL_RESULTS = 5

/** Needs no key: whoever has set nothing up is served by it, and so is whoever's provider is down. */
export const DUCKDUCKGO: Provider = {
  type: 'duckduckgo',
  apiKey: null,
  apiUrl: null,
  maxResults: USUAL_RESULTS,
  price: nanoUsd(0),
}

/** What a key is sealed for: whose it is, and of whom. @param owner A user's id; `null`: everybody's. */
export const keyPurpose = (owner: string | null, type: ProviderType): string =>
  `web-search/${owner === null ? 'everybody' : `user/${owner}`}/${type}`

const saved = {
  provider_type: z.enum(PROVIDER_TYPES),
  sealed_key: z.nullish(z.string()),
  api_url: z.nullish(z.string()),
  max_results: z._default(z.number(), USUAL_RESULTS),
}

const OwnItem = z.object({
  active: z.nullish(z.string()),
  providers: z.array(z.object({ ...saved, id: z.string(), created_at: z.string(), updated_at: z.string() })),
  rev: z.number(),
})

const SharedItem = z.object({ ...saved, price_nano: z._default(z.int().check(z.nonnegative()), 0) })

const SettingsItem = z.object({
  mode: z.catch(z.enum(WEB_SEARCH_MODES), 'enabled'),
  provider: z.catch(z.nullable(SharedItem), null),
  web_fetch: z.catch(z.boolean(), false),
  fallback: z.catch(z.boolean(), true),
  rev: z.catch(z.number(), 0),
})

type SavedItem = z.output<z.ZodMiniObject<typeof saved>>
const timeOf = (iso: string): Instant => instant(Date.parse(iso))

const savedOf = ({ provider_type, sealed_key, api_url, max_results }: SavedItem): SavedProvider => ({
  type: provider_type,
  sealedKey: sealed_key ?? null,
  apiUrl: api_url ?? null,
  maxResults: resultsWanted(max_results),
})

/** @throws ZodError where it is none that this version can read. */
export function readOwnProviders(item: Readonly<Record<string, unknown>> | undefined): OwnProviders {
  if (item === undefined) return NO_PROVIDERS
  const { active, providers, rev } = OwnItem.parse(item)
  const read = providers.map((one) => ({
    ...savedOf(one),
    id: one.id,
    createdAt: timeOf(one.created_at),
    updatedAt: timeOf(one.updated_at),
  }))
  return { active: read.find(({ type }) => type === active)?.type ?? null, providers: read, rev }
}

/** Members that cannot be read are as if they had never been set. */
export function readSearchSettings(item: Readonly<Record<string, unknown>> | undefined): SearchSettings {
  if (item === undefined) return USUAL_SETTINGS
  const { mode, provider, web_fetch, fallback, rev } = SettingsItem.parse(item)
  const shared = provider && { ...savedOf(provider), price: nanoUsd(provider.price_nano) }
  return { mode, provider: shared, fetches: web_fetch, fallback, rev }
}

const attributesOf = (one: SavedProvider) => ({
  provider_type: one.type,
  sealed_key: one.sealedKey,
  api_url: one.apiUrl,
  max_results: one.maxResults,
})

export const ownAttributes = ({ active, providers }: OwnProviders): Record<string, unknown> => ({
  active,
  providers: providers.map((one) => ({
    ...attributesOf(one),
    id: one.id,
    created_at: isoOf(one.createdAt),
    updated_at: isoOf(one.updatedAt),
  })),
})

export const settingsAttributes = (settings: SearchSettings): Record<string, unknown> => ({
  mode: settings.mode,
  provider: settings.provider && { ...attributesOf(settings.provider), price_nano: settings.provider.price },
  web_fetch: settings.fetches,
  fallback: settings.fallback,
})
