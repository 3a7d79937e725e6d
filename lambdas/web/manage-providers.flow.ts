/** What people set up to search the web by: one provider of each type, and one of them active. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { refuseStale } from '../platform/revision.ts'
import type { Seal } from '../secrets/seal.client.ts'
import { type JudgedWish, judgeWish, type ProviderWish, toldOf } from './provider-wish.ts'
import type { SearchSettingsStore } from './search-settings.store.ts'
import { keyPurpose, type OwnProvider, type OwnProviders, type SavedProvider } from './search-settings.ts'
import type { ProviderType } from './web.ts'

export interface ProviderTools {
  readonly settings: SearchSettingsStore
  readonly seal: Pick<Seal, 'seal'>
  readonly newId: () => string
  /** Of the deployment: hosts that may be asked wherever they are. */
  readonly allowedHosts: ReadonlySet<string>
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

export interface Kept {
  readonly provider: OwnProvider
  readonly active: boolean
  readonly rev: number
}

interface Decision<T> {
  /** Absent: nothing is to be changed. */
  readonly next?: Omit<OwnProviders, 'rev'>
  readonly action: string
  readonly detail: AuditEntry['detail']
  readonly result: T
}

export const notConfigured = (type: string): Fault =>
  new Fault('not_found', `Provider '${type}' not configured. Save it first.`)

/** Somebody is rarely in two places at once; of those who are, one gets through in each round. */
const MAX_TRIES = 5

/** @param decide From what there is; may throw a fault. It is asked again where that has changed in between. */
async function change<T>(
  seenRev: number | undefined,
  request: Request,
  { settings, newId }: ProviderTools,
  decide: (seen: OwnProviders) => Decision<T> | Promise<Decision<T>>,
): Promise<{ readonly result: T; readonly rev: number }> {
  const { caller, at, requestId } = request
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await settings.ofUser(caller.userId)
    refuseStale(seen.rev, seenRev)
    const { next, action, detail, result } = await decide(seen)
    if (next === undefined) return { result, rev: seen.rev }
    const target = `user:${caller.userId}`
    const audit = { id: newId(), at, requestId, actor: caller, action: `search-provider.${action}`, target, detail }
    const end = await settings.setForUser(caller.userId, { ...next, rev: seen.rev }, seen.rev, audit)
    if (end === 'done') return { result, rev: seen.rev + 1 }
    if (end === 'no such user') throw new Fault('not_found', 'User not found in database')
  }
  throw new Fault('conflict', 'Your search providers are being changed at this moment; try again')
}

/** @param active `undefined`: as it is; the first one that somebody saves is active. */
export async function saveProvider(
  wish: ProviderWish & { readonly active: boolean | undefined; readonly rev: number | undefined },
  request: Request,
  tools: ProviderTools,
): Promise<Kept> {
  const { type } = wish
  const { result, rev } = await change(wish.rev, request, tools, async (seen) => {
    const before = seen.providers.find((one) => one.type === type) ?? null
    const judged = judgeWish(wish, before, tools.allowedHosts)
    const provider: OwnProvider = {
      type,
      sealedKey: await sealedKeyOf(wish, judged, before, request.caller.userId, tools),
      apiUrl: judged.apiUrl,
      maxResults: judged.maxResults,
      id: before?.id ?? tools.newId(),
      createdAt: before?.createdAt ?? request.at,
      updatedAt: request.at,
    }
    const active = activeAfter(seen, type, wish.active)
    return {
      next: { active, providers: [...seen.providers.filter((one) => one.type !== type), provider] },
      action: 'saved',
      detail: { ...toldOf(judged), active: active === type },
      result: { provider, active: active === type },
    }
  })
  return { ...result, rev }
}

/** The key as it is to be stored. @param owner A user's id; `null`: everybody's. */
export async function sealedKeyOf(
  { type, apiKey }: ProviderWish,
  { key }: JudgedWish,
  before: SavedProvider | null,
  owner: string | null,
  { seal }: Pick<ProviderTools, 'seal'>,
): Promise<string | null> {
  if (key === 'kept') return before?.sealedKey ?? null
  return key === 'none' ? null : await seal.seal(apiKey ?? '', keyPurpose(owner, type))
}

function activeAfter(
  { active, providers }: OwnProviders,
  type: ProviderType,
  wanted: boolean | undefined,
): ProviderType | null {
  if (wanted === true) return type
  if (wanted === false) return active === type ? null : active
  return providers.length === 0 ? type : active
}

/** @throws Fault `not_found` for one that was not saved; nothing is changed then. */
export async function activateProvider(
  type: string,
  seenRev: number | undefined,
  request: Request,
  tools: ProviderTools,
): Promise<Kept> {
  const { result, rev } = await change(seenRev, request, tools, (seen) => {
    const provider = seen.providers.find((one) => one.type === type)
    if (provider === undefined) throw notConfigured(type)
    return {
      ...(seen.active !== provider.type && { next: { ...seen, active: provider.type } }),
      action: 'activated',
      detail: { provider_type: type, instead_of: seen.active },
      result: { provider, active: true },
    }
  })
  return { ...result, rev }
}

/** @returns Whether there was one. */
export async function removeProvider(type: string, request: Request, tools: ProviderTools): Promise<boolean> {
  const { result } = await change(undefined, request, tools, (seen) => {
    const providers = seen.providers.filter((one) => one.type !== type)
    const found = providers.length < seen.providers.length
    return {
      ...(found && { next: { active: seen.active === type ? null : seen.active, providers } }),
      action: 'removed',
      detail: { provider_type: type, active: seen.active === type },
      result: found,
    }
  })
  return result
}
