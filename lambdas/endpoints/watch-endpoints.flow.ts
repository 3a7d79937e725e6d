/**
 * Each minute: how every endpoint is, and which models it offers. What has changed is written with the configuration's stamp, so that
 * the next request of every environment knows it; what has not costs no environment anything.
 */
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { Endpoint } from './endpoint.ts'
import { type Health, lookOf, nextHealth, type TroubleMet } from './health.ts'

export interface WatchedEndpoint {
  readonly endpoint: Endpoint
  readonly health: Health
  readonly profiles: readonly string[] | null
  /** Anthropic's undated name → ARN. */
  readonly applicationProfiles: ReadonlyMap<string, string>
}

export interface WatchedStore {
  all(): Promise<readonly WatchedEndpoint[]>
  /** @param hasChanged The state is another one: every environment has to hear of it. */
  noteHealth(endpointId: string, health: Health, hasChanged: boolean): Promise<void>
  noteModels(endpointId: string, profiles: readonly string[], at: Instant): Promise<void>
  /** In this minute and the one before. */
  troubleOf(endpointId: string, at: Instant): Promise<TroubleMet>
}

/** What is asked of an account and region. */
export interface EndpointLook {
  /** Ids of the active system-defined profiles. @throws Fault whose message says what is missing. */
  profiles(endpoint: Endpoint): Promise<readonly string[]>
  /** @throws Fault where the profile cannot be read. */
  applicationProfile(endpoint: Endpoint, arn: string): Promise<void>
}

export interface WatchEndpointsTools {
  readonly store: WatchedStore
  readonly look: EndpointLook
  readonly log: Log
}

/** Each look is one call and waits for AWS; a dozen endpoints are done in two rounds. */
const AT_ONCE = 8

export async function watchEndpoints(at: Instant, tools: WatchEndpointsTools): Promise<void> {
  const waiting = (await tools.store.all()).filter(({ endpoint }) => endpoint.enabled)
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await watchOne(next, at, tools)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** One that cannot be written down keeps none of the others waiting. */
async function watchOne(watched: WatchedEndpoint, at: Instant, tools: WatchEndpointsTools): Promise<void> {
  const { endpoint, health: before } = watched
  try {
    const [seen, met] = await Promise.all([lookAt(watched, tools.look), tools.store.troubleOf(endpoint.id, at)])
    const look = lookOf(seen.refusal, met)
    const health = nextHealth(before, { ...look, reason: look.reason ?? seen.hint }, at)
    await tools.store.noteHealth(endpoint.id, health, health.state !== before.state)
    if (seen.profiles !== null && !sameProfiles(seen.profiles, watched.profiles))
      await tools.store.noteModels(endpoint.id, seen.profiles, at)
    if (health.state === before.state) return
    const facts = { endpointId: endpoint.id, was: before.state, is: health.state, reason: health.reason }
    if (health.state === 'unhealthy')
      tools.log.error('endpoint_health', facts, [{ name: 'EndpointsUnhealthy', value: 1 }])
    else tools.log.info('endpoint_health', facts)
  } catch (thrown) {
    tools.log.error('endpoint_watch_failed', { endpointId: endpoint.id, ...describeError(thrown) })
  }
}

interface Seen {
  /** Why nothing could be asked there. */
  readonly refusal: string | null
  readonly profiles: readonly string[] | null
  /** What is wrong without making the endpoint unfit: other models go on. */
  readonly hint: string | null
}

async function lookAt({ endpoint, applicationProfiles }: WatchedEndpoint, look: EndpointLook): Promise<Seen> {
  try {
    const profiles = await look.profiles(endpoint)
    const broken: string[] = []
    for (const [model, arn] of applicationProfiles) {
      await look.applicationProfile(endpoint, arn).catch(() => broken.push(model))
    }
    const hint = broken.length === 0 ? null : `The application inference profile cannot be read: ${broken.join(', ')}.`
    return { refusal: null, profiles, hint }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { refusal: thrown.message, profiles: null, hint: null }
  }
}

const sameProfiles = (one: readonly string[], other: readonly string[] | null): boolean =>
  other !== null && one.length === other.length && one.every((id) => other.includes(id))
