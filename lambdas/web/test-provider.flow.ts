/** Trying a provider: one search for words that say nothing of anybody. */
import { secondsToNextMinute } from '../identity/sign-in-limit.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { ZERO_USD } from '../platform/money.ts'
import type { Seal } from '../secrets/seal.client.ts'
import { notConfigured, type Request } from './manage-providers.flow.ts'
import { judgeWish, type ProviderWish, refuseMovedKey } from './provider-wish.ts'
import type { SearchSettingsStore } from './search-settings.store.ts'
import { keyPurpose, type SavedProvider } from './search-settings.ts'
import type { Provider, SearchHit, WebSearch } from './web.ts'

export interface ProviderTestTools {
  readonly settings: Pick<SearchSettingsStore, 'ofAll' | 'ofUser'>
  readonly search: WebSearch
  readonly seal: Pick<Seal, 'open'>
  readonly attempts: { count(subject: string, at: Instant): Promise<number> }
  /** Milliseconds; only differences mean anything. */
  readonly elapsedMs: () => number
  readonly allowedHosts: ReadonlySet<string>
}

export interface ProviderTest extends ProviderWish {
  /** Whether what is not said is taken from what was saved. */
  readonly overStored: boolean
  /** Whose. */
  readonly scope: 'own' | 'global'
}

export interface TestResult {
  /** `null` where it failed. */
  readonly hits: readonly SearchHit[] | null
  /** One sentence. */
  readonly error: string
  readonly durationMs: number
}

/** A person who tries every provider twice stays below it; each one makes the gateway ask somebody else. */
const MOST_A_MINUTE = 20

const QUERY = 'test search query'

/** SearXNG asks many engines, of which some are always silent; of the others five show enough. */
const MOST_RESULTS = 5
const MOST_RESULTS_OF_SEARXNG = 10

/** @throws Fault where it is not worth trying: too often, not saved, not whole. */
export async function testProvider(
  wish: ProviderTest,
  { caller, at }: Request,
  tools: ProviderTestTools,
): Promise<TestResult> {
  if ((await tools.attempts.count(`search:${caller.userId}`, at)) > MOST_A_MINUTE) {
    throw new Fault('rate_limited', `At most ${MOST_A_MINUTE} tests a minute`, {
      retryAfterSeconds: secondsToNextMinute(at),
    })
  }
  const owner = wish.scope === 'global' ? null : caller.userId
  if (owner === null && caller.role !== 'admin') throw new Fault('forbidden', 'Admin access required')
  const stored = wish.overStored ? await storedOf(wish, owner, tools) : null
  const judged = judgeWish(wish, stored, tools.allowedHosts)
  if (owner === null) refuseMovedKey(judged, stored)
  const { type, apiUrl } = judged
  const apiKey = judged.key === 'kept' ? await openedKeyOf(stored, owner, tools) : (wish.apiKey ?? null)
  if (apiKey === undefined) {
    return { hits: null, error: 'The stored key cannot be opened at the moment; enter it again', durationMs: 0 }
  }
  const most = type === 'searxng' ? MOST_RESULTS_OF_SEARXNG : MOST_RESULTS
  const maxResults = Math.min(most, judged.maxResults)
  return await asked({ type, apiKey, apiUrl, maxResults, price: ZERO_USD }, tools)
}

async function storedOf(
  { type }: ProviderTest,
  owner: string | null,
  { settings }: ProviderTestTools,
): Promise<SavedProvider> {
  const saved = owner === null ? [(await settings.ofAll()).provider] : (await settings.ofUser(owner)).providers
  const found = saved.find((one) => one?.type === type) ?? null
  if (found === null) throw notConfigured(type)
  return found
}

/** `undefined` where it cannot be opened. */
async function openedKeyOf(
  stored: SavedProvider | null,
  owner: string | null,
  { seal }: ProviderTestTools,
): Promise<string | undefined> {
  if (stored === null || stored.sealedKey === null) return undefined
  return await seal.open(stored.sealedKey, keyPurpose(owner, stored.type)).catch(() => undefined)
}

async function asked(provider: Provider, { search, elapsedMs }: ProviderTestTools): Promise<TestResult> {
  const begun = elapsedMs()
  const question = { query: QUERY, location: null, allowedDomains: null, blockedDomains: null }
  // Nobody waits who could go away: whoever asks has limits of their own.
  const answer = await search.search(question, [provider], new AbortController().signal)
  const durationMs = Math.round(elapsedMs() - begun)
  return answer.ok ? { hits: answer.hits, error: '', durationMs } : { hits: null, error: answer.why, durationMs }
}
