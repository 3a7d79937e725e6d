/** Pages of events, and events that are tried again by hand. */
import { readCursor, signCursor } from '../http/cursor.ts'
import type { Person } from '../identity/caller.ts'
import type { CursorKey } from '../identity/cursor-key.client.ts'
import { Fault } from '../platform/fault.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import type { AttemptReader } from './attempts.store.ts'
import type { CircuitReset } from './circuit.store.ts'
import { MOST_IN_A_RUN } from './circuit.ts'
import type { Destinations } from './destinations.store.ts'
import type { EventFilter, EventList } from './events-list.store.ts'
import type { EventRetries } from './retries.store.ts'
import type { StoredEvent } from './stored-event.ts'

export interface EventListTools {
  readonly events: EventList
  readonly retries: EventRetries
  readonly attemptReader: AttemptReader
  readonly circuitReset: CircuitReset
  readonly destinations: Pick<Destinations, 'load'>
  readonly cursorKey: CursorKey
}

interface Paging {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Nobody reads a list of thirteen months in one go. */
const PAGE = 50

/** @param name Of the list: another one's cursor is refused. @throws Fault `invalid_request` for a cursor of another list */
export async function listEvents(
  name: string,
  filter: EventFilter,
  { limit = PAGE, cursor }: Paging,
  { caller, at }: { readonly caller: Person; readonly at: Instant },
  { events, cursorKey }: EventListTools,
): Promise<{ readonly events: readonly StoredEvent[]; readonly nextCursor: string | null }> {
  const secret = await cursorKey(at)
  const scope = JSON.stringify([name, caller.userId, filter])
  const after = cursor === undefined ? null : (readCursor(secret, scope, cursor) ?? null)
  if (cursor !== undefined && after === null) {
    throw new Fault('invalid_request', 'cursor: is not one of this list; start again without it')
  }
  const page = await events.page(filter, limit, after, at)
  return { events: page.events, nextCursor: page.next === null ? null : signCursor(secret, scope, page.next) }
}

/** @throws Fault `not_found` */
export async function eventOfId(id: string, { retries }: Pick<EventListTools, 'retries'>): Promise<StoredEvent> {
  const event = await retries.find(id)
  if (event === undefined) throw new Fault('not_found', 'There is no such event')
  return event
}

/** @throws Fault `not_found`, or `conflict` where it is told already, or was not to be. */
export async function retryEvent(id: string, at: Instant, tools: EventListTools): Promise<void> {
  const { state } = await eventOfId(id, tools)
  if (!(await tools.retries.retry(id, at))) {
    throw new Fault('conflict', `This event is ${state}: only one that waits or was given up can be tried again`)
  }
  await askSoon(at, tools)
}

/** Whoever retries has mended something: the destination is asked in the next run. */
async function askSoon(at: Instant, { destinations, circuitReset }: EventListTools): Promise<void> {
  const { active } = await destinations.load()
  if (active !== null) await circuitReset.askSoon(active.id, at)
}

/** One request of a person's browser does not take longer than they wait. */
const MOST_AT_ONCE = 1_000
/** Writes side by side. */
const SIDE_BY_SIDE = 20

/** They fall due as many in a minute as a run tells, so that the stream does not tell them all at once. */
export async function retryDead(
  at: Instant,
  tools: EventListTools,
): Promise<{ readonly retried: number; readonly left: boolean }> {
  const found = await tools.retries.dead(MOST_AT_ONCE + 1)
  const ids = found.slice(0, MOST_AT_ONCE)
  let retried = 0
  for (let from = 0; from < ids.length; from += SIDE_BY_SIDE) {
    const dueAt = addMs(at, Math.floor(from / MOST_IN_A_RUN) * 60_000)
    const done = await Promise.all(ids.slice(from, from + SIDE_BY_SIDE).map((id) => tools.retries.retry(id, dueAt)))
    retried += done.filter(Boolean).length
  }
  if (retried > 0) await askSoon(at, tools)
  return { retried, left: found.length > ids.length }
}

/** What the portal shows of the newest attempts. */
const HISTORY = 20
/** More than three days of trying make. */
const OF_ONE_EVENT = 100

export const newestAttempts = ({ attemptReader }: EventListTools) => attemptReader.newest(HISTORY)
export const attemptsOf = (id: string, { attemptReader }: EventListTools) => attemptReader.ofEvent(id, OF_ONE_EVENT)
export const deadCount = ({ retries }: EventListTools) => retries.countDead(MOST_AT_ONCE)
