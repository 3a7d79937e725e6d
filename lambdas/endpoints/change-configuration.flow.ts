/** One change of the endpoints' configuration, decided again when somebody else was quicker. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Change, ConfigurationStore } from './configuration.store.ts'
import type { Configuration, ConfiguredEndpoint } from './configuration.ts'

export interface ConfigurationTools {
  readonly configuration: ConfigurationStore
  readonly newId: () => string
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

/** `change` absent: everything is as it should be already. */
export interface Decision<T> {
  readonly change?: Change
  readonly result: T
}

/** Of those who change something at once, one gets through in each round; administrators are few. */
const MAX_TRIES = 12

/** @param decide From what there is; may throw a fault. It is asked again where that has changed in between. */
export async function changeConfiguration<T>(
  tools: ConfigurationTools,
  decide: (seen: Configuration) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.configuration.load()
    const { change, result } = await decide(seen)
    if (change === undefined || (await tools.configuration.commit(seen, change))) return result
  }
  throw new Fault('conflict', 'The endpoints are being changed at this moment; try again')
}

/** @throws Fault `not_found` */
export function endpointOfId(
  { endpoints }: Configuration,
  id: string,
  words = 'Endpoint not found',
): ConfiguredEndpoint {
  const endpoint = endpoints.find((one) => one.id === id)
  if (endpoint === undefined) throw new Fault('not_found', words)
  return endpoint
}

export function auditOf(
  action: string,
  target: string,
  detail: AuditEntry['detail'],
  { caller, at, requestId }: Request,
  tools: Pick<ConfigurationTools, 'newId'>,
): AuditEntry {
  return { id: tools.newId(), at, requestId, actor: caller, action, target, detail }
}
