/** How an endpoint is, in a word, and what it is to be done about. */
import type { Endpoint, EndpointStatus } from '../../api/endpoint-types.ts'

export interface EndpointState {
  readonly kind: 'ok' | 'danger' | 'off'
  readonly word: string
  readonly why: string | undefined
}

type Judged = Pick<Endpoint, 'enabled' | 'health' | 'health_reason'>

export function stateOf({ enabled, health, health_reason }: Judged): EndpointState {
  if (!enabled) return { kind: 'off', word: 'Disabled', why: 'No request goes there.' }
  if (health === 'healthy') return { kind: 'ok', word: 'Healthy', why: undefined }
  if (health === 'unhealthy') return { kind: 'danger', word: 'Unhealthy', why: health_reason ?? undefined }
  return { kind: 'off', word: 'Unknown', why: 'It has not been looked at yet. A test tells at once.' }
}

/** When it became what it is; `undefined` where that is not known. */
export function sinceOf({ health, health_history }: Pick<Endpoint, 'health' | 'health_history'>): string | undefined {
  const last = health_history.at(-1)
  return last !== undefined && last.state === health ? last.at : undefined
}

/** The list with what is newer: health and figures are read twice a minute, the list is not. */
export const withStatus = <T extends Endpoint>(endpoint: T, status: EndpointStatus | undefined): T =>
  status === undefined
    ? endpoint
    : {
        ...endpoint,
        health: status.health,
        health_reason: status.health_reason,
        last_health_check: status.last_health_check,
      }

/** `Platform`, `Platform and Mobile`, `Platform, Mobile and 3 more` */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`
