/**
 * Each minute: how every endpoint is, and which models it offers. What has changed is written with the configuration's stamp, so that
 * the next request of every environment knows it; what has not costs no environment anything.
 */
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import { adviceFor, readRefusal } from './aws-refusal.ts'
import type { Endpoint } from './endpoint.ts'
import { type Health, lookOf, nextHealth } from './health.ts'
import type { ProfileListing } from './profiles.client.ts'
import type { HealthState } from './routing.ts'
import type { WatchedEndpoint, WatchedStore } from './watched.store.ts'

export interface WatchEndpointsTools {
  readonly store: WatchedStore
  readonly listing: ProfileListing
  readonly log: Log
}

/** Each look is one call and waits for AWS; a dozen endpoints are done in two rounds. */
const AT_ONCE = 8

export async function watchEndpoints(at: Instant, tools: WatchEndpointsTools): Promise<void> {
  const waiting = (await tools.store.all()).filter(({ endpoint }) => endpoint.enabled)
  const unhealthy: string[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if ((await watchOne(next, at, tools)) === 'unhealthy') unhealthy.push(next.endpoint.id)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (unhealthy.length === 0) return
  // Each minute for as long as it lasts, so that the alarm ends when the trouble does.
  const figure = { name: 'EndpointsUnhealthy', value: unhealthy.length } as const
  tools.log.warn('endpoints_unhealthy', { endpointIds: unhealthy }, [figure])
}

/** One that cannot be written down keeps none of the others waiting. */
async function watchOne(watched: WatchedEndpoint, at: Instant, tools: WatchEndpointsTools): Promise<HealthState> {
  const { endpoint, health: before } = watched
  try {
    const [seen, gaveUp] = await Promise.all([lookAt(watched, tools.listing), tools.store.gaveUpOf(endpoint.id, at)])
    const look = lookOf(seen.refusal, gaveUp)
    const health = nextHealth(before, { ...look, reason: look.reason ?? seen.hint }, at)
    await tools.store.note(watched, { health, profiles: seen.profiles }, at)
    if (health.state !== before.state) tell(endpoint, before, health, tools.log)
    return health.state
  } catch (thrown) {
    tools.log.error('endpoint_watch_failed', { endpointId: endpoint.id, ...describeError(thrown) })
    return before.state
  }
}

function tell(endpoint: Endpoint, before: Health, health: Health, log: Log): void {
  const facts = { endpointId: endpoint.id, was: before.state, is: health.state, reason: health.reason }
  if (health.state === 'unhealthy') log.error('endpoint_health', facts)
  else log.info('endpoint_health', facts)
}

interface Seen {
  /** Why nothing could be asked there. */
  readonly refusal: string | null
  /** `null`: nobody knows. */
  readonly profiles: readonly string[] | null
  /** What is wrong without making the endpoint unfit: other models go on. */
  readonly hint: string | null
}

async function lookAt({ endpoint, applicationProfiles }: WatchedEndpoint, listing: ProfileListing): Promise<Seen> {
  try {
    const listed = await listing.profiles(endpoint)
    const profiles = listed.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id)
    const broken: string[] = []
    for (const [model, arn] of applicationProfiles) {
      await listing.modelsOf(endpoint, arn).catch(() => broken.push(model))
    }
    const hint = broken.length === 0 ? null : `The application inference profile cannot be read: ${broken.join(', ')}.`
    return { refusal: null, profiles, hint }
  } catch (thrown) {
    const advice = adviceFor(readRefusal(thrown), 'bedrock:ListInferenceProfiles', 'Bedrock', endpoint)
    return { refusal: advice, profiles: null, hint: null }
  }
}
