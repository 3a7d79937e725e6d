/** Creating, changing and deleting endpoints, and choosing the default. */
import { Fault } from '../platform/fault.ts'
import { describeError, type Log } from '../platform/log.ts'
import { refuseStale } from '../platform/revision.ts'
import {
  applicationProfileKey,
  betaOverrideKey,
  defaultEndpointKey,
  endpointHealthKey,
  endpointKey,
  endpointModelsKey,
  type TableKey,
} from '../table/core-keys.ts'
import {
  auditOf,
  type ConfigurationTools,
  changeConfiguration,
  endpointOfId,
  type Request,
} from './change-configuration.flow.ts'
import type { RoutedTeam } from './configuration.store.ts'
import type { AipOverride, Configuration, ConfiguredEndpoint } from './configuration.ts'
import { aipOverrideItem, defaultItem, endpointItem } from './configuration-items.ts'
import { blankEndpoint, type EndpointWish, isSamePlace, wished } from './endpoint-wish.ts'
import { NEVER_LOOKED } from './health.ts'
import { modelOfProfile } from './profile-model.flow.ts'
import type { ProfileListing } from './profiles.client.ts'

export interface EndpointTools extends ConfigurationTools {
  readonly listing: ProfileListing
  readonly log: Log
}

/** An endpoint and what else there is to say of it. */
export interface KnownEndpoint {
  readonly endpoint: ConfiguredEndpoint
  readonly isDefault: boolean
  /** Whose list it is in, by name. */
  readonly teams: readonly RoutedTeam[]
}

const using = (teams: readonly RoutedTeam[], id: string): RoutedTeam[] =>
  teams.filter(({ endpoints }) => endpoints.some((one) => one.id === id))

const known = (
  { defaultId }: Pick<Configuration, 'defaultId'>,
  endpoint: ConfiguredEndpoint,
  teams: readonly RoutedTeam[],
): KnownEndpoint => ({ endpoint, isDefault: endpoint.id === defaultId, teams: using(teams, endpoint.id) })

export async function listEndpoints({ configuration }: ConfigurationTools): Promise<readonly KnownEndpoint[]> {
  const [seen, teams] = await Promise.all([configuration.load(), configuration.teams()])
  return seen.endpoints.map((endpoint) => known(seen, endpoint, teams))
}

/** @throws Fault `not_found` */
export async function readEndpoint(id: string, { configuration }: ConfigurationTools): Promise<KnownEndpoint> {
  const [seen, teams] = await Promise.all([configuration.load(), configuration.teams()])
  return known(seen, endpointOfId(seen, id), teams)
}

/** Whoever creates the first one gets a default by it: without one, nobody without a list would be served. */
export async function createEndpoint(
  wish: EndpointWish,
  request: Request,
  tools: EndpointTools,
): Promise<KnownEndpoint> {
  const blank = wished(blankEndpoint(tools.newId(), request.at), wish)
  const override = await overrideOfLegacy(blank, request, tools)
  const endpoint = { ...blank, aipOverrides: override }
  return changeConfiguration(tools, (seen) => {
    const isDefault = seen.defaultId === null
    const puts = [
      endpointItem(endpoint),
      ...override.map((one) => aipOverrideItem(endpoint.id, one)),
      ...(isDefault ? [defaultItem(endpoint.id)] : []),
    ]
    const audit = auditOf('endpoint.created', targetOf(endpoint), factsOf(endpoint), request, tools)
    return { change: { at: request.at, puts, audit }, result: { endpoint, isDefault, teams: [] } }
  })
}

/** The profile of the old kind becomes an override. Where it cannot be looked up the endpoint is made all the same. */
async function overrideOfLegacy(
  endpoint: ConfiguredEndpoint,
  { at, requestId }: Request,
  { listing, log }: EndpointTools,
): Promise<readonly AipOverride[]> {
  const arn = endpoint.legacyProfileArn
  if (arn === null) return []
  try {
    const model = await modelOfProfile(endpoint, arn, listing)
    return [
      { model, arn, setAt: at, setBy: 'compat-shim-on-create', reason: 'inference_profile_arn of the new endpoint' },
    ]
  } catch (thrown) {
    log.warn('endpoint.profile_not_resolved', { requestId, endpointId: endpoint.id, ...describeError(thrown) })
    return []
  }
}

/** @param rev What was seen of it; anything newer is not overwritten. */
export async function changeEndpoint(
  id: string,
  { wish, rev }: { readonly wish: EndpointWish; readonly rev: number | undefined },
  request: Request,
  tools: EndpointTools,
): Promise<KnownEndpoint> {
  const teams = await tools.configuration.teams()
  return changeConfiguration(tools, (seen) => {
    const before = endpointOfId(seen, id)
    refuseStale(before.rev, rev)
    const after = wished(before, wish)
    if (before.enabled && !after.enabled) refuseWithoutDefault(seen, id, 'disabled')
    const detail = changesOf(before, after)
    if (Object.keys(detail).length === 0) return { result: known(seen, before, teams) }
    const moved = !isSamePlace(before, after)
    const next: ConfiguredEndpoint = {
      ...after,
      rev: before.rev + 1,
      ...(moved && { profiles: null, health: NEVER_LOOKED }),
    }
    return {
      change: {
        at: request.at,
        puts: [endpointItem(next)],
        // What was found in another account or region says nothing of this one.
        deletes: moved ? [endpointHealthKey(id), endpointModelsKey(id)] : [],
        audit: auditOf('endpoint.changed', targetOf(next), detail, request, tools),
      },
      result: known(seen, next, teams),
    }
  })
}

/** Nothing of the old default is touched unless the new one is there. */
export async function setDefault(id: string, request: Request, tools: EndpointTools): Promise<void> {
  await changeConfiguration(tools, (seen) => {
    const endpoint = endpointOfId(seen, id)
    if (!endpoint.enabled) throw new Fault('conflict', 'This endpoint is disabled. Enable it first.')
    if (seen.defaultId === id) return { result: undefined }
    const detail = { name: endpoint.name, before: seen.defaultId }
    const audit = auditOf('endpoint.made_default', targetOf(endpoint), detail, request, tools)
    return { change: { at: request.at, puts: [defaultItem(id)], audit }, result: undefined }
  })
}

/** DynamoDB takes a hundred writes in a transaction; a few are needed for stamps, the audit and the endpoint itself. */
const MOST_WRITES = 90

/** Its overrides, its place in every list and, where it was the last endpoint, the default go along. */
export async function deleteEndpoint(id: string, request: Request, tools: EndpointTools): Promise<void> {
  await changeConfiguration(tools, async (seen) => {
    const endpoint = endpointOfId(seen, id)
    refuseWithoutDefault(seen, id, 'deleted')
    const teams = using(await tools.configuration.teams(), id)
    const deletes = keysOf(endpoint, seen.defaultId === id)
    if (deletes.length + teams.length > MOST_WRITES) {
      throw new Fault(
        'conflict',
        `This endpoint is in the lists of ${teams.length} teams and has ${deletes.length} entries, too many for one step. Take it out of some lists first.`,
      )
    }
    return {
      change: {
        at: request.at,
        deletes,
        teams: teams.map((team) => ({ ...team, endpoints: team.endpoints.filter((one) => one.id !== id) })),
        audit: auditOf(
          'endpoint.deleted',
          targetOf(endpoint),
          { ...factsOf(endpoint), teams: teams.map(({ name }) => name) },
          request,
          tools,
        ),
      },
      result: undefined,
    }
  })
}

/** @throws Fault `conflict` where others are left but none of them would be the default. */
function refuseWithoutDefault({ defaultId, endpoints }: Configuration, id: string, what: string): void {
  if (id !== defaultId || endpoints.length < 2) return
  throw new Fault('conflict', `The default endpoint cannot be ${what}. Make another one the default first.`)
}

const keysOf = (endpoint: ConfiguredEndpoint, isDefault: boolean): TableKey[] => [
  endpointKey(endpoint.id),
  endpointHealthKey(endpoint.id),
  endpointModelsKey(endpoint.id),
  ...endpoint.aipOverrides.map(({ model }) => applicationProfileKey(endpoint.id, model)),
  ...endpoint.betaOverrides.map(({ profile, beta }) => betaOverrideKey(endpoint.id, profile, beta)),
  ...(isDefault ? [defaultEndpointKey] : []),
]

const targetOf = ({ id }: ConfiguredEndpoint): string => `endpoint:${id}`

/** An external id is shared between two accounts alone, so it is not told. */
const NOT_TOLD = new Set(['PK', 'SK', 'id', 'external_id', 'created_at', 'rev'])

const factsOf = (endpoint: ConfiguredEndpoint): Record<string, unknown> =>
  Object.fromEntries(Object.entries(endpointItem(endpoint)).filter(([name]) => !NOT_TOLD.has(name)))

/** By the names of the contract. */
function changesOf(before: ConfiguredEndpoint, after: ConfiguredEndpoint): Record<string, unknown> {
  const old = factsOf(before)
  const changes = Object.fromEntries(Object.entries(factsOf(after)).filter(([name, value]) => value !== old[name]))
  return before.externalId === after.externalId ? changes : { ...changes, external_id: 'changed' }
}
