/** A provider as somebody wants it, over what there is of it. */
import { judgeUrl } from '../http/outbound-url.ts'
import { Fault } from '../platform/fault.ts'
import { resultsWanted } from './hits.ts'
import { type SavedProvider, USUAL_RESULTS } from './search-settings.ts'
import type { ProviderType } from './web.ts'

export interface ProviderWish {
  readonly type: ProviderType
  /** `undefined`: the stored one stays. */
  readonly apiKey: string | null | undefined
  /** `undefined`: the stored one stays. */
  readonly apiUrl: string | null | undefined
  readonly maxResults: number | undefined
}

/** What is said of a provider, as a route takes it. */
interface Said {
  readonly provider_type: ProviderType
  readonly api_key?: string | null | undefined
  readonly api_url?: string | null | undefined
  readonly max_results?: number | undefined
}

/** Forms send an empty text for a key that was not touched, and for an address that was taken out. */
export const wishOf = ({ provider_type, api_key, api_url, max_results }: Said): ProviderWish => ({
  type: provider_type,
  apiKey: api_key === '' ? undefined : api_key,
  apiUrl: api_url === '' ? null : api_url,
  maxResults: max_results,
})

export interface JudgedWish {
  readonly type: ProviderType
  readonly key: 'new' | 'kept' | 'none'
  readonly apiUrl: string | null
  readonly maxResults: number
}

const KEY: Readonly<Record<ProviderType, 'needed' | 'possible' | 'none'>> = {
  duckduckgo: 'none',
  tavily: 'needed',
  serper: 'needed',
  brave: 'needed',
  searxng: 'none',
  custom: 'possible',
}

/** Who has no address of their own. */
const WITH_URL: ReadonlyMap<ProviderType, string> = new Map([
  ['searxng', 'SearXNG'],
  ['custom', 'Custom'],
])

/**
 * @param before What is stored of the same type; `null`: nothing is, or nothing of it counts.
 * @param place Where the fields stand in what was sent: empty, or `provider.`
 * @throws Fault `invalid_request`, which names the field.
 */
export function judgeWish(
  wish: ProviderWish,
  before: SavedProvider | null,
  allowedHosts: ReadonlySet<string>,
  place = '',
): JudgedWish {
  const { type } = wish
  const key = keyOf(wish, before)
  const apiUrl = wish.apiUrl === undefined ? (before?.apiUrl ?? null) : wish.apiUrl
  const wrong = (field: string, what: string): Fault => new Fault('invalid_request', `${place}${field}: ${what}`)
  if (KEY[type] === 'needed' && key === 'none') throw wrong('api_key', `${type} requires an API key`)
  if (KEY[type] === 'none' && key !== 'none') throw wrong('api_key', `${type} takes no API key`)
  const refusal = refusalOfUrl(type, apiUrl, allowedHosts)
  if (refusal !== null) throw wrong('api_url', refusal)
  return { type, key, apiUrl, maxResults: resultsWanted(wish.maxResults ?? before?.maxResults ?? USUAL_RESULTS) }
}

function keyOf({ apiKey }: ProviderWish, before: SavedProvider | null): JudgedWish['key'] {
  if (apiKey === null) return 'none'
  if (apiKey !== undefined) return 'new'
  return before === null || before.sealedKey === null ? 'none' : 'kept'
}

/** What is said of an address before anybody is asked; whoever asks judges what its name stands for. */
function refusalOfUrl(type: ProviderType, apiUrl: string | null, allowedHosts: ReadonlySet<string>): string | null {
  const name = WITH_URL.get(type)
  if (name === undefined) return apiUrl === null ? null : `${type} has an address of its own`
  if (apiUrl === null) return `${name} provider requires an API URL`
  const judged = judgeUrl(apiUrl, allowedHosts)
  return judged.ok ? null : judged.refusal
}

/**
 * A key that one administrator has entered is not to be sent by another one to an address of their choice.
 * @throws Fault `invalid_request`, which names the field.
 */
export function refuseMovedKey({ key, apiUrl }: JudgedWish, before: SavedProvider | null, place = ''): void {
  const origin = (url: string | null | undefined) => (url === null || url === undefined ? null : URL.parse(url)?.origin)
  if (key !== 'kept' || origin(apiUrl) === origin(before?.apiUrl)) return
  throw new Fault('invalid_request', `${place}api_key: enter the key again, since it would go to another address`)
}

/** What the audit may know: of an address, path and query may be all that protects it. */
export const toldOf = ({ type, key, apiUrl, maxResults }: JudgedWish) => ({
  provider_type: type,
  api_key: key,
  api_url: apiUrl === null ? null : `${URL.parse(apiUrl)?.origin}/…`,
  max_results: maxResults,
})
