/**
 * Tells the active destination what it is to be told: each minute by the schedule, and at once when the table's stream tells of something
 * new. An event is told at least once, and by one run at a time; what fails is tried again, later and later, and given up in the end.
 */
import { addMs, type Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { AttemptLog } from './attempts.store.ts'
import type { Circuits } from './circuit.store.ts'
import { afterFailure, afterRun, afterSuccess, type Circuit, HEALTHY, isFailing, portionOf } from './circuit.ts'
import type { Destination } from './destination.ts'
import type { ActiveDestination } from './destinations.store.ts'
import type { AttemptEnd, LeasedEvent, Outbox } from './outbox.store.ts'
import { categoryOf, type Payload, payloadOf } from './payload.ts'
import { nextAttemptAt } from './retry.ts'
import type { Sender, Sent } from './sender.client.ts'
import { readEvent } from './stored-event.ts'
import { type StreamedChange, type WaitingEvent, waitingEventOf } from './waiting-event.ts'

export interface DrainTools {
  readonly outbox: Outbox
  readonly active: ActiveDestination
  readonly circuits: Circuits
  readonly attempts: AttemptLog
  readonly sender: Sender
  readonly log: Log
  /** How many partitions the index has. */
  readonly shards: number
  /** 0 up to 1. */
  readonly chance: () => number
  readonly newId: () => string
  /** Milliseconds; only differences mean anything. */
  readonly elapsedMs: () => number
}

/** Enough that a slow receiver does not hold up a run, few enough for any receiver to take at once. */
const AT_ONCE = 4

/** No more attempts are begun then: one may take ten seconds, and the function has sixty. */
const BEGIN_WITHIN_MS = 40_000

/** Twice as long as a run can take, so that nobody takes up what is still being told. */
const LEASE_MS = 120_000

/** Of each shard: more than a run tells, and what it writes off besides. While nobody listens a few will do. */
const SEEN_IN_A_RUN = 250
const SEEN_WHILE_FAILING = 25

/** @returns how many events were finished: told, dropped or given up. */
export async function drainDue(now: Instant, tools: DrainTools): Promise<number> {
  const run = await beginRun(now, tools)
  const shards = Array.from({ length: tools.shards }, (_, shard) => shard)
  const most = isFailing(run.circuit) ? SEEN_WHILE_FAILING : SEEN_IN_A_RUN
  const seen = (await Promise.all(shards.map((shard) => tools.outbox.dueOf(shard, now, most))))
    .flat()
    .sort((one, other) => one.dueAt - other.dueAt)
  tellOldest(seen[0], now, tools.log)
  const due = isFailing(run.circuit) ? await giveUpLate(seen, run) : seen
  const failed = await tellAll(due, portionOf(run.circuit, now), run)
  await endRun(run)
  if (failed !== undefined) throw failed.thrown
  return run.finished
}

/** The longest waiting comes first. The stream has usually been faster, so that there is nothing to tell. */
function tellOldest(oldest: WaitingEvent | undefined, now: Instant, log: Log): void {
  if (oldest === undefined) return
  const seconds = Math.round((now - oldest.dueAt) / 1000)
  log.info('outbox.waiting', { eventId: oldest.id }, [{ name: 'OldestPendingSeconds', value: seconds }])
}

/** One invocation. */
interface Run {
  readonly now: Instant
  readonly destination: Destination | null
  readonly begunMs: number
  readonly tools: DrainTools
  /** As it was read, and as it is now. */
  readonly before: Circuit
  circuit: Circuit
  attempted: number
  finished: number
}

async function beginRun(now: Instant, tools: DrainTools): Promise<Run> {
  const destination = await tools.active.load()
  const known = destination === null ? HEALTHY : await tools.circuits.load(destination.id)
  const counts = { attempted: 0, finished: 0 }
  return { now, destination, tools, begunMs: tools.elapsedMs(), before: known, circuit: known, ...counts }
}

async function endRun(run: Run): Promise<void> {
  if (run.destination === null || run.attempted === 0) return
  const next = afterRun(run.circuit)
  if (isSame(next, run.before)) return
  await run.tools.circuits.save(run.destination.id, next, run.now)
}

const isSame = (one: Circuit, other: Circuit): boolean =>
  one.failures === other.failures &&
  one.failed.join() === other.failed.join() &&
  one.probeAt === other.probeAt &&
  one.portion === other.portion

/**
 * While its destination fails, an event whose days are over is not kept for a turn that may never come.
 * @returns the others.
 */
async function giveUpLate(due: readonly WaitingEvent[], run: Run): Promise<readonly WaitingEvent[]> {
  const isLate = ({ giveUpAt }: WaitingEvent): boolean => giveUpAt !== null && giveUpAt <= run.now
  for (const event of due.filter(isLate)) {
    if (await run.tools.outbox.giveUp(event, 'The destination did not answer for as long as it was tried', run.now))
      tellGivenUp(event.id, 'out of time', run)
  }
  return due.filter((event) => !isLate(event))
}

interface Failed {
  readonly event: WaitingEvent
  readonly thrown: unknown
}

/**
 * Side by side, the first ones first. Nobody else is begun with once the destination fails or time runs out; what is left stays due.
 * @param portion How many may be told. What is only to be dropped does not count.
 * @returns the first that could not be dealt with, through no fault of the destination.
 */
async function tellAll(events: readonly WaitingEvent[], portion: number, run: Run): Promise<Failed | undefined> {
  const { tools } = run
  const waiting = [...events]
  const failed: Failed[] = []
  let left = run.destination === null ? Number.POSITIVE_INFINITY : portion
  // One that was told and fails now is not told the rest; what is only dropped says nothing of it.
  const hasFailed = (): boolean => run.attempted > 0 && isFailing(run.circuit)
  const mayGoOn = (): boolean => left > 0 && !hasFailed() && tools.elapsedMs() - run.begunMs < BEGIN_WITHIN_MS
  const worker = async (): Promise<void> => {
    while (mayGoOn()) {
      const event = waiting.shift()
      if (event === undefined) return
      left--
      try {
        if (!(await deal(event, run))) left++
      } catch (thrown) {
        failed.push({ event, thrown })
        tools.log.error('outbox.event_failed', { eventId: event.id, ...describeError(thrown) })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed.sort((one, other) => events.indexOf(one.event) - events.indexOf(other.event))[0]
}

/** @returns whether the destination was asked. */
async function deal(event: WaitingEvent, run: Run): Promise<boolean> {
  const { outbox } = run.tools
  if (run.destination === null) {
    if (await outbox.drop(event, 'no destination', run.now)) tellDropped(event.id, 'no destination', run)
    return false
  }
  const leased = await outbox.lease(event, run.now, addMs(run.now, LEASE_MS))
  if (leased === undefined) return false
  const read = readLeased(leased, run)
  if (read === undefined) {
    if (await outbox.finish(leased, { state: 'dead', error: 'The event cannot be read' }, run.now))
      tellGivenUp(event.id, 'unreadable', run)
    return false
  }
  if (!run.destination.categories.includes(read.category)) {
    const taken = { id: leased.id, place: leased.place, dueAt: event.dueAt, giveUpAt: event.giveUpAt }
    if (await outbox.drop(taken, 'category off', run.now)) tellDropped(event.id, 'category off', run)
    return false
  }
  await tell(leased, read, run.destination, run)
  return true
}

interface Readable {
  readonly category: Payload['category']
  readonly payload: Payload
  readonly giveUpAt: Instant
}

function readLeased(leased: LeasedEvent, run: Run): Readable | undefined {
  try {
    const { event, giveUpAt } = readEvent(leased.item)
    return { category: categoryOf(event.type), payload: payloadOf(event), giveUpAt }
  } catch (thrown) {
    run.tools.log.error('outbox.unreadable', { eventId: leased.id, ...describeError(thrown) })
    return undefined
  }
}

async function tell(leased: LeasedEvent, { payload, giveUpAt }: Readable, destination: Destination, run: Run) {
  const { tools, now } = run
  run.attempted++
  const sent = await tools.sender.send(destination, {
    deliveryId: leased.id,
    payload,
    // A run takes a while, and a receiver refuses what is signed too early.
    at: addMs(now, Math.round(tools.elapsedMs() - run.begunMs)),
  })
  run.circuit = afterSending(run.circuit, sent, leased.id, now)
  const end = endOf(sent, leased, giveUpAt, run)
  const mine = await tools.outbox.finish(leased, end, now)
  await tools.attempts.note({
    id: tools.newId(),
    eventId: leased.id,
    destination,
    eventType: payload.event_type,
    payload: { ...payload },
    error: sent.error,
    durationMs: sent.durationMs,
    at: now,
  })
  if (!mine) return
  if (end.state === 'delivered') {
    run.finished++
    tools.log.info('event.delivered', { eventId: leased.id, attempts: leased.attempts, durationMs: sent.durationMs })
  } else if (end.state === 'pending') {
    tools.log.warn('event.failed', { eventId: leased.id, attempts: leased.attempts, reason: sent.error })
  } else tellGivenUp(leased.id, end.error, run)
}

/** What is wrong with an event is no trouble of its receiver: it is tried again by itself, and holds up nobody. */
function afterSending(circuit: Circuit, { error, rejected }: Sent, eventId: string, now: Instant): Circuit {
  if (error === null) return afterSuccess(circuit)
  return rejected ? circuit : afterFailure(circuit, eventId, now)
}

function endOf({ error }: Sent, { attempts }: LeasedEvent, giveUpAt: Instant, { now, tools }: Run): AttemptEnd {
  if (error === null) return { state: 'delivered' }
  if (giveUpAt <= now) return { state: 'dead', error }
  return { state: 'pending', nextAttemptAt: nextAttemptAt(attempts, now, tools.chance()), error }
}

function tellDropped(eventId: string, reason: string, run: Run): void {
  run.finished++
  run.tools.log.info('event.dropped', { eventId, reason })
}

function tellGivenUp(eventId: string, reason: string, run: Run): void {
  run.finished++
  run.tools.log.error('event.given_up', { eventId, reason }, [{ name: 'NotificationsGivenUp', value: 1 }])
}

export interface NumberedChange extends StreamedChange {
  readonly sequenceNumber: string
}

/**
 * What has just become due, unless the destination fails or is catching up: the schedule asks it then, in its portions.
 * @returns the sequence number of the first change that failed, from which on Lambda shows the changes again; `undefined` when all are done.
 */
export async function drainChanges(
  changes: readonly NumberedChange[],
  now: Instant,
  tools: DrainTools,
): Promise<string | undefined> {
  const { waiting, unreadable } = waitingIn(changes, tools.log)
  const due = waiting.filter(({ event }) => event.dueAt <= now)
  if (due.length === 0) return unreadable
  const run = await beginRun(now, tools)
  if (isFailing(run.circuit) || run.circuit.portion !== null) return unreadable
  const events = due.map(({ event }) => event)
  const failed = await tellAll(events, portionOf(run.circuit, now), run)
  await endRun(run)
  const broken = due.find(({ event }) => event === failed?.event)?.sequenceNumber
  return [broken, unreadable].filter((one) => one !== undefined).sort(bySequence)[0]
}

/** They are numbers of up to forty digits. */
const bySequence = (one: string, other: string): number => one.length - other.length || (one < other ? -1 : 1)

function waitingIn(changes: readonly NumberedChange[], log: Log) {
  const waiting: { readonly event: WaitingEvent; readonly sequenceNumber: string }[] = []
  let unreadable: string | undefined
  for (const { sequenceNumber, ...change } of changes) {
    try {
      const event = waitingEventOf(change)
      if (event !== undefined) waiting.push({ event, sequenceNumber })
    } catch (thrown) {
      log.error('outbox.change_failed', { sequenceNumber, ...describeError(thrown) })
      unreadable ??= sequenceNumber
    }
  }
  return { waiting, unreadable }
}
