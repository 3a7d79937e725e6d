/** Endpoints, overrides, models and quotas as the contract writes them. */
import type * as z from 'zod'
import type * as contract from '../../contract/endpoints.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import type { NamedProfile, QuotaAnswer } from './ask-aws.flow.ts'
import type { AipOverride, ConfiguredEndpoint, SaidOfBeta } from './configuration.ts'
import { writtenOptions } from './configuration-items.ts'
import type { KnownEndpoint } from './manage-endpoints.flow.ts'

type AnswerOf<R extends { readonly responses: { readonly 200: z.ZodType } }> = z.input<R['responses'][200]>

const isoOrNull = (at: Instant | null): string | null => (at === null ? null : isoOf(at))

/** How it was found. */
export const healthRow = ({ health }: ConfiguredEndpoint) => ({
  health: health.state,
  health_reason: health.reason,
  last_health_check: isoOrNull(health.checkedAt),
})

/** The only override, else what is no override yet; of several none is the one. */
export function legacyProfileOf({ aipOverrides, legacyProfileArn }: ConfiguredEndpoint): string | null {
  const [only, ...others] = aipOverrides
  if (only === undefined) return legacyProfileArn
  return others.length === 0 ? only.arn : null
}

export const endpointRow = ({ endpoint, isDefault, teams }: KnownEndpoint): z.input<typeof contract.Endpoint> => ({
  id: endpoint.id,
  name: endpoint.name,
  role_arn: endpoint.roleArn,
  external_id: endpoint.externalId,
  inference_profile_arn: legacyProfileOf(endpoint),
  region: endpoint.region,
  routing_prefix: endpoint.routingPrefix,
  priority: endpoint.priority,
  is_default: isDefault,
  enabled: endpoint.enabled,
  created_at: isoOf(endpoint.createdAt),
  upstream: endpoint.upstream,
  ...writtenOptions(endpoint.options),
  rev: endpoint.rev,
  ...healthRow(endpoint),
  health_history: endpoint.health.history.map(({ at, state }) => ({ at, state })),
  teams: teams.map(({ id, name }) => ({ id, name })),
})

export const detailsRow = (known: KnownEndpoint) => ({
  ...endpointRow(known),
  aip_overrides: known.endpoint.aipOverrides.map((override) => aipRow(known.endpoint.id, override)),
})

export const aipRow = (endpointId: string, override: AipOverride) => ({
  endpoint_id: endpointId,
  model_id: override.model,
  aip_arn: override.arn,
  set_at: isoOf(override.setAt),
  set_by: override.setBy,
  reason: override.reason,
})

export const betaRow = (endpointId: string, override: SaidOfBeta) => ({
  endpoint_id: endpointId,
  profile_id: override.profile,
  beta_name: override.beta,
  supported: override.supported,
  set_at: isoOf(override.setAt),
  set_by: override.setBy,
  reason: override.reason,
})

export const modelRow = ({ name, id, status, type, model }: NamedProfile) => ({ name, id, status, type, model })

export function quotasRow(answer: QuotaAnswer): AnswerOf<typeof contract.readEndpointQuotas> {
  if ('refusal' in answer) return { type: 'error', error: { type: 'quota_access', ...answer.refusal } }
  return {
    service: 'bedrock',
    quotas: answer.quotas.map(({ name, code, value, unit, adjustable }) => ({
      quota_name: name,
      quota_code: code,
      value,
      unit,
      adjustable,
    })),
  }
}
