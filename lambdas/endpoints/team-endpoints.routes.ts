/** `/admin/teams/{id}/endpoints` */
import * as contract from '../../contract/teams.ts'
import { type Operation, operation } from '../http/operation.ts'
import type { ConfigurationTools } from './change-configuration.flow.ts'
import { writtenOptions } from './configuration-items.ts'
import { endpointRow } from './endpoint-rows.ts'
import { readTeamEndpoints, setTeamEndpoints } from './team-endpoints.flow.ts'

export const teamEndpointOperations = (tools: ConfigurationTools): readonly Operation[] => [
  operation(contract.readTeamEndpoints)(async ({ params }) => {
    const { team, endpoints } = await readTeamEndpoints(params.id, tools)
    return {
      status: 200,
      body: {
        endpoints: endpoints.map(({ priority, ...known }) => ({
          ...endpointRow(known),
          priority,
          endpoint_priority: known.endpoint.priority,
        })),
        routing_strategy: team.strategy,
        bedrock: writtenOptions(team.options),
        rev: team.rev,
      },
    }
  }),
  operation(contract.setTeamEndpoints)(async ({ params, body, ...request }) => {
    await setTeamEndpoints(params.id, body, request, tools)
    return { status: 200, body: { updated: true } }
  }),
]
