/**
 * Settles requests whose environment died: those still pending after their deadline, at their estimate, flagged so.
 * It goes on where the last run stopped, however long ago that was, so that an outage of this very function loses none.
 */
import { addMs, type Instant, minuteOf } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import { costOf } from '../pricing/cost.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { Ledger } from './ledger.store.ts'
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
  let settled = 0
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

/** `undefined` when a settlement failed: the mark stays, and the next run tries this minute again. */
async function settleMinute(
  minute: Instant,
  now: Instant,
  book: PriceBook,
  tools: AbandonedTools,
): Promise<number | undefined> {
  const found = await Promise.all(tools.shards.map((shard) => tools.ledger.pendingOf(minuteOf(minute), shard)))
  let settled = 0
  let failed = false
  for (const request of found.flat()) {
    try {
      const cost = costOf(request.estimate, book.priceOf(request.target.name, request.target.scope, request.arrivedAt))
      if ((await tools.ledger.settle(request, abandonedEnd(request, now), cost, now)) === 'settled') settled++
      const facts = { requestId: request.requestId, keyId: request.payer.keyId, costNano: cost.cost }
      tools.log.warn('request_abandoned', facts, [{ name: 'EstimatedSettlements', value: 1 }])
    } catch (thrown) {
      failed = true
      const facts = { requestId: request.requestId, ...describeError(thrown) }
      tools.log.error('abandoned_settlement_failed', facts, [{ name: 'SettlementFailures', value: 1 }])
    }
  }
  return failed ? undefined : settled
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
