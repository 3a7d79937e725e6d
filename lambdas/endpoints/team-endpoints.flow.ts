/** By which endpoints the requests of a team go. */
import type * as z from 'zod'
import type { setTeamEndpoints as route } from '../../contract/teams.ts'
import { Fault } from '../platform/fault.ts'
import { refuseStale } from '../platform/revision.ts'
import { auditOf, type ConfigurationTools, changeConfiguration, type Request } from './change-configuration.flow.ts'
import type { RoutedTeam } from './configuration.store.ts'
import type { Configuration, ConfiguredEndpoint } from './configuration.ts'
import { writtenOptions } from './configuration-items.ts'
import { NO_OPTIONS } from './endpoint.ts'
import { wishedOptions } from './endpoint-wish.ts'
import type { KnownEndpoint } from './manage-endpoints.flow.ts'

export type TeamEndpointsWish = z.output<(typeof route)['body']>

export interface TeamEndpoints {
  readonly team: RoutedTeam
  /** As they are tried, each with the team's own priority. */
  readonly endpoints: readonly (KnownEndpoint & { readonly priority: number })[]
}

/** @throws Fault `not_found` */
export async function readTeamEndpoints(id: string, { configuration }: ConfigurationTools): Promise<TeamEndpoints> {
  const [seen, teams, team] = await Promise.all([configuration.load(), configuration.teams(), configuration.team(id)])
  if (team === undefined) throw teamNotFound()
  const endpoints = team.endpoints.flatMap(({ id: endpointId, priority }) => {
    const endpoint = seen.endpoints.find((one) => one.id === endpointId)
    if (endpoint === undefined) return []
    const using = teams.filter((one) => one.endpoints.some((listed) => listed.id === endpointId))
    return [{ endpoint, priority, isDefault: endpointId === seen.defaultId, teams: using }]
  })
  return { team, endpoints: endpoints.sort(inOrder) }
}

interface Ranked {
  readonly endpoint: ConfiguredEndpoint
  readonly priority: number
}
const inOrder = (one: Ranked, other: Ranked): number =>
  one.priority - other.priority || one.endpoint.priority - other.endpoint.priority

/** All of it in one step, and only while each endpoint is there. */
export async function setTeamEndpoints(
  id: string,
  wish: TeamEndpointsWish,
  request: Request,
  tools: ConfigurationTools,
): Promise<void> {
  await changeConfiguration(tools, async (seen) => {
    const team = await tools.configuration.team(id)
    if (team === undefined) throw teamNotFound()
    refuseStale(team.rev, wish.rev)
    refuseWrongList(wish.endpoints, seen)
    const next: RoutedTeam = {
      ...team,
      endpoints: wish.endpoints.map(({ endpoint_id, priority }) => ({ id: endpoint_id, priority })),
      strategy: wish.routing_strategy ?? team.strategy,
      options: wish.bedrock === undefined ? team.options : wishedOptions(NO_OPTIONS, wish.bedrock ?? {}),
    }
    const detail = {
      name: team.name,
      endpoints: next.endpoints,
      routing_strategy: next.strategy,
      ...writtenOptions(next.options),
    }
    const audit = auditOf('team.endpoints_set', `team:${id}`, detail, request, tools)
    return { change: { at: request.at, teams: [next], audit }, result: undefined }
  })
}

function refuseWrongList(list: TeamEndpointsWish['endpoints'], { endpoints }: Configuration): void {
  const named = new Set<string>()
  for (const { endpoint_id: id } of list) {
    if (named.has(id)) throw new Fault('invalid_request', `endpoints: ${id} is in the list twice`)
    if (!endpoints.some((one) => one.id === id)) {
      throw new Fault('invalid_request', `endpoints: there is no endpoint ${id}`)
    }
    named.add(id)
  }
}

const teamNotFound = (): Fault => new Fault('not_found', 'Team not found')
