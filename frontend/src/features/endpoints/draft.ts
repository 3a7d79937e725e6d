/** What stands in the form of an endpoint, as text, and what of it is sent. */
import type { Wish } from '../../api/client.ts'
import type { Endpoint, GatewayPlace } from '../../api/endpoint-types.ts'
import type { Scope } from './scopes.ts'

export type EndpointWish = NonNullable<Wish<'POST /admin/endpoints'>['body']>

export interface Draft {
  readonly name: string
  readonly routing_prefix: Scope
  readonly region: string
  readonly access: 'own' | 'role'
  readonly role_arn: string
  readonly external_id: string
  readonly priority: string
  readonly upstream: Endpoint['upstream']
  readonly guardrail_id: string
  readonly guardrail_version: string
  readonly service_tier: NonNullable<Endpoint['service_tier']> | ''
  readonly latency: NonNullable<Endpoint['latency']> | ''
}

export type DraftField = keyof Draft

export const newDraft = ({ region, routing_prefix }: Pick<GatewayPlace, 'region' | 'routing_prefix'>): Draft => ({
  name: '',
  routing_prefix,
  region,
  access: 'own',
  role_arn: '',
  external_id: '',
  priority: '0',
  upstream: 'invoke',
  guardrail_id: '',
  guardrail_version: '',
  service_tier: '',
  latency: '',
})

export const draftOf = (endpoint: Endpoint): Draft => ({
  name: endpoint.name,
  routing_prefix: endpoint.routing_prefix,
  region: endpoint.region,
  access: endpoint.role_arn === null ? 'own' : 'role',
  role_arn: endpoint.role_arn ?? '',
  external_id: endpoint.external_id ?? '',
  priority: String(endpoint.priority),
  upstream: endpoint.upstream,
  guardrail_id: endpoint.guardrail_id ?? '',
  guardrail_version: endpoint.guardrail_version ?? '',
  service_tier: endpoint.service_tier ?? '',
  latency: endpoint.latency ?? '',
})

/** Empty is nothing at all, not an empty text. */
const orNull = <T extends string>(text: T): Exclude<T, ''> | null => {
  const trimmed = text.trim()
  return trimmed === '' ? null : (trimmed as Exclude<T, ''>)
}

/** What an endpoint of this form would be. The role of an account that is not assumed is not kept. */
export function wishOf(draft: Draft): EndpointWish {
  const assumes = draft.access === 'role'
  return {
    name: draft.name.trim(),
    region: draft.region.trim(),
    routing_prefix: draft.routing_prefix,
    role_arn: assumes ? orNull(draft.role_arn) : null,
    external_id: assumes ? orNull(draft.external_id) : null,
    priority: Number(draft.priority.trim()),
    upstream: draft.upstream,
    guardrail_id: orNull(draft.guardrail_id),
    guardrail_version: orNull(draft.guardrail_version),
    service_tier: orNull(draft.service_tier),
    latency: orNull(draft.latency),
  }
}

/** Only what differs, so that what the form does not know, or nobody touched, stays as it is. */
export function changesBetween(before: Draft, after: Draft): Partial<EndpointWish> {
  const [was, is] = [wishOf(before), wishOf(after)]
  const changed = (Object.keys(is) as (keyof EndpointWish)[]).filter((field) => is[field] !== was[field])
  return Object.fromEntries(changed.map((field) => [field, is[field]]))
}

/**
 * Theirs, with what was typed here over it.
 * @param base What both began from.
 */
export function merged(base: Draft, mine: Draft, theirs: Draft): Draft {
  const typed = (Object.keys(mine) as DraftField[]).filter((field) => mine[field] !== base[field])
  return { ...theirs, ...Object.fromEntries(typed.map((field) => [field, mine[field]])) }
}

const WORDS: Readonly<Record<DraftField, string>> = {
  name: 'Name',
  routing_prefix: 'Scope',
  region: 'Home region',
  access: 'Credentials',
  role_arn: 'Role ARN',
  external_id: 'External ID',
  priority: 'Priority',
  upstream: 'Upstream',
  guardrail_id: 'Guardrail',
  guardrail_version: 'Guardrail version',
  service_tier: 'Service tier',
  latency: 'Latency',
}

/** `Name: us-prod`, for each field in which the two differ. */
export const differences = (before: Draft, after: Draft): readonly string[] =>
  (Object.keys(after) as DraftField[])
    .filter((field) => after[field] !== before[field])
    .map((field) => `${WORDS[field]}: ${after[field] === '' ? 'none' : after[field]}`)

export type DraftErrors = Partial<Record<DraftField, string>>

/** What can be said without asking; the gateway judges the rest. */
export function errorsIn(draft: Draft): DraftErrors {
  const priority = draft.priority.trim()
  return {
    ...(draft.name.trim() === '' && { name: 'Enter a name in up to 100 characters.' }),
    ...(draft.region.trim() === '' && { region: 'Enter a region, such as us-east-1.' }),
    ...(draft.access === 'role' &&
      draft.role_arn.trim() === '' && { role_arn: 'Enter the ARN of the role, or use the own account.' }),
    ...((!/^\d{1,5}$/.test(priority) || Number(priority) > 10_000) && {
      priority: 'Enter a whole number from 0 to 10,000.',
    }),
    ...((draft.guardrail_id.trim() === '') !== (draft.guardrail_version.trim() === '') && {
      guardrail_version: 'A guardrail needs both its id and its version.',
    }),
  }
}
