/** `/admin/bedrock` and `/admin/health/status` */
import type * as z from 'zod'
import * as contract from '../../contract/endpoints.ts'
import { type Operation, operation } from '../http/operation.ts'
import { Fault } from '../platform/fault.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import { type AwsTools, listModels, readQuotas } from './ask-aws.flow.ts'
import type { ConfiguredEndpoint } from './configuration.ts'
import type { Endpoint } from './endpoint.ts'
import { healthRow, modelRow, quotasRow } from './endpoint-rows.ts'
import { type EndpointState, type HealthTools, healthStatus } from './health-status.flow.ts'
import { rulesOf, writtenRules } from './rules-item.ts'
import {
  type EffectiveRules,
  readTranslationRules,
  resetTranslationRules,
  setTranslationRules,
} from './translation-rules.flow.ts'

export type BedrockTools = AwsTools & HealthTools & { readonly version: string }

/** @param own The gateway's own account and region, as an endpoint. */
export const bedrockOperations = (tools: BedrockTools, own: Endpoint): readonly Operation[] => [
  ...asking(tools, own),
  ...rules(tools),
  operation(contract.healthStatus)(async ({ at }) => ({ status: 200, body: await statusRow(at, tools) })),
]

/** AWS's refusal as a sentence; anything else is a bug. */
async function orRefusal<T>(answer: Promise<T>): Promise<T | string> {
  try {
    return await answer
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message
    throw thrown
  }
}

const asking = (tools: BedrockTools, own: Endpoint): readonly Operation[] => [
  operation(contract.validateBedrock)(async () => {
    const models = await orRefusal(listModels(own, tools))
    if (typeof models === 'string') return { status: 200, body: { status: 'error', error: models } }
    const ids = models.map(({ id }) => id)
    const body = {
      status: 'connected' as const,
      region: own.routingPrefix,
      inference_profiles: ids,
      profile_count: ids.length,
    }
    return { status: 200, body }
  }),
  operation(contract.readBedrockQuotas)(async ({ at }) => ({
    status: 200,
    body: quotasRow(await readQuotas(own, at, tools)),
  })),
  operation(contract.readBedrockModels)(async () => {
    const { endpoints } = await tools.configuration.load()
    const asked = endpoints.filter(({ enabled, health }) => enabled && health.state !== 'unhealthy')
    return { status: 200, body: { endpoints: await Promise.all(asked.map((one) => modelsRow(one, tools))) } }
  }),
]

async function modelsRow(endpoint: ConfiguredEndpoint, tools: BedrockTools) {
  const { id: endpoint_id, name: endpoint_name, region } = endpoint
  const models = await orRefusal(listModels(endpoint, tools))
  if (typeof models === 'string') return { endpoint_id, endpoint_name, region, error: models }
  return { endpoint_id, endpoint_name, region, model_count: models.length, models: models.map(modelRow) }
}

const rules = (tools: BedrockTools): readonly Operation[] => [
  operation(contract.readTranslationRules)(async () => ({
    status: 200,
    body: rulesRow(await readTranslationRules(tools)),
  })),
  operation(contract.setTranslationRules)(async ({ body, ...request }) => ({
    status: 200,
    body: rulesRow(await setTranslationRules({ rules: rulesOf(body.rules), rev: body.rev }, request, tools)),
  })),
  operation(contract.resetTranslationRules)(async (request) => ({
    status: 200,
    body: rulesRow(await resetTranslationRules(request, tools)),
  })),
]

const rulesRow = ({ rules, set }: EffectiveRules) => ({
  rules: writtenRules(rules),
  built_in: set === null,
  set_at: set === null ? null : isoOf(set.setAt),
  set_by: set?.setBy ?? null,
  rev: set?.rev ?? 0,
})

type Status = z.input<(typeof contract.healthStatus)['responses'][200]>

async function statusRow(at: Instant, tools: BedrockTools): Promise<Status> {
  const { bedrock, lastCheck, endpoints } = await healthStatus(at, tools)
  return {
    gateway: { status: 'ok', version: tools.version, uptime_seconds: null },
    database: { status: 'ok', pool_size: null, pool_idle: null },
    bedrock: { status: bedrock, last_check: lastCheck === null ? null : isoOf(lastCheck) },
    endpoints: endpoints.map(stateRow),
    in_flight_requests: null,
    timestamp: isoOf(at),
  }
}

const stateRow = ({ endpoint, isDefault, faults, requests }: EndpointState): Status['endpoints'][number] => ({
  id: endpoint.id,
  name: endpoint.name,
  region: endpoint.region,
  role_arn: endpoint.roleArn,
  routing_prefix: endpoint.routingPrefix,
  ...healthRow(endpoint),
  is_default: isDefault,
  enabled: endpoint.enabled,
  stats: {
    throttle_count_1h: faults.throttles,
    // Whoever reads the one number wants to know of all that went wrong.
    error_count_1h: faults.throttles + faults.errors + faults.denied,
    denied_count_1h: faults.denied,
    request_count: requests,
  },
  quotas: [],
})
