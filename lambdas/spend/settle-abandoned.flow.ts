/**
 * Settles requests whose environment died: those still pending after their deadline, at their estimate, flagged so.
 * It goes on where the last run stopped, however long ago that was, so that an outage of this very function loses none.
 */
import { addMs, type Instant, minuteOf } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import { costOf } from '../pricing/cost.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import { isUnwritable } from '../table/unwritable.ts'
import type { Ledger, Pending, SettlementEnd } from './ledger.store.ts'
import type { OpenedRequest, RequestEnd } from './request-record.ts'

export interface AbandonedTools {
  readonly ledger: Ledger
  /** The minute up to which everything has been settled; kept in Usage, moved on only when it is true. */
  readonly mark: { read(): Promise<Instant | undefined>; write(at: Instant): Promise<void> }
  prices(): Promise<PriceBook>
  readonly shards: readonly number[]
  readonly log: Log
}

const MINUTE_MS = 60_000

/** Where no mark has been set yet there is nothing older than the longest request and its grace. */
const FIRST_LOOK_BACK_MS = 60 * MINUTE_MS

/** A day of minutes and eight shards is 11,520 queries: what one run of five minutes can do after an outage. The next goes on. */
const MINUTES_A_RUN = 24 * 60

/** @returns how many were settled. */
export async function settleAbandoned(now: Instant, tools: AbandonedTools): Promise<number> {
  const book = await tools.prices()
  const from = wholeMinute((await tools.mark.read()) ?? addMs(now, -FIRST_LOOK_BACK_MS))
  const until = Math.min(now - MINUTE_MS, from + MINUTES_A_RUN * MINUTE_MS)
  let settled = await settleAsides(now, book, tools)
  // The running minute is left alone: deadlines later in it have not passed.
  for (let minute = from; minute < until; minute = addMs(minute, MINUTE_MS)) {
    const settledInMinute = await settleMinute(minute, now, book, tools)
    if (settledInMinute === undefined) return settled
    settled += settledInMinute
    await tools.mark.write(addMs(minute, MINUTE_MS))
  }
  return settled
}

const wholeMinute = (at: Instant): Instant => addMs(at, -(at % MINUTE_MS))

/** `undefined` when the database failed: the mark stays, and the next run tries this minute again. */
async function settleMinute(
  minute: Instant,
  now: Instant,
  book: PriceBook,
  tools: AbandonedTools,
): Promise<number | undefined> {
  const found = await Promise.all(tools.shards.map((shard) => tools.ledger.pendingOf(minuteOf(minute), shard)))
  const ends: Ending[] = []
  for (const pending of found.flat()) ends.push(await settleOrSetAside(pending, now, book, tools))
  return ends.includes('failed') ? undefined : ends.filter((end) => end === 'settled').length
}

/** Again each time: what could not be read may be from a newer version, which is at work by now. */
async function settleAsides(now: Instant, book: PriceBook, tools: AbandonedTools): Promise<number> {
  const asides = await tools.ledger.asides()
  const ends: Ending[] = []
  for (const pending of asides) ends.push(await settleOne(pending, now, book, tools))
  const waiting = ends.filter((end) => end !== 'settled' && end !== 'already').length
  if (waiting > 0) {
    tools.log.error('requests_set_aside', { waiting }, [{ name: 'SettlementFailures', value: waiting }])
  }
  return ends.filter((end) => end === 'settled').length
}

/** `hopeless`: trying again will not help. `failed`: it may. */
type Ending = SettlementEnd | 'hopeless' | 'failed'

/** One request that nobody can settle must not keep all that come after it from being settled. */
async function settleOrSetAside(
  pending: Pending,
  now: Instant,
  book: PriceBook,
  tools: AbandonedTools,
): Promise<Ending> {
  const end = await settleOne(pending, now, book, tools)
  if (end !== 'hopeless') return end
  try {
    await tools.ledger.setAside(pending)
    return 'hopeless'
  } catch (thrown) {
    tools.log.error('set_aside_failed', { requestId: pending.key.SK, ...describeError(thrown) })
    return 'failed'
  }
}

async function settleOne(
  { request, key }: Pending,
  now: Instant,
  book: PriceBook,
  tools: AbandonedTools,
): Promise<Ending> {
  const failure = (thrown: unknown): void =>
    tools.log.error('abandoned_settlement_failed', { requestId: key.SK, ...describeError(thrown) }, [
      { name: 'SettlementFailures', value: 1 },
    ])
  if (request === undefined) {
    failure(new Error('the pending item cannot be read'))
    return 'hopeless'
  }
  try {
    const { target, serviceTier, arrivedAt } = request
    const cost = costOf(request.estimate, book.priceOf(target.name, target.scope, serviceTier, arrivedAt))
    const end = await tools.ledger.settle(request, abandonedEnd(request, now), cost, now, key)
    const facts = { requestId: request.requestId, keyId: request.payer.keyId, costNano: cost.cost }
    tools.log.warn('request_abandoned', facts, [{ name: 'EstimatedSettlements', value: 1 }])
    return end
  } catch (thrown) {
    failure(thrown)
    return isUnwritable(thrown) ? 'hopeless' : 'failed'
  }
}

const abandonedEnd = (request: OpenedRequest, now: Instant): RequestEnd => ({
  status: 'aborted',
  messageId: null,
  usage: request.estimate,
  estimated: true,
  stopReason: null,
  tools: [],
  firstByteMs: null,
  durationMs: now - request.arrivedAt,
})
