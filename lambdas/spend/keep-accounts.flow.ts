/** The books of a request: opened before Bedrock hears of it, priced and settled when it has ended. */

import { familyOf } from '../models/model-names.ts'
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { Figure } from '../platform/metrics.ts'
import { addUsd, type NanoUsd, ZERO_USD } from '../platform/money.ts'
import { type Cost, costOf, NO_COST, sumOfCosts } from '../pricing/cost.ts'
import type { CurrentPrices } from '../pricing/current-prices.store.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { Ledger } from './ledger.store.ts'
import type { OpenedRequest, RequestEnd } from './request-record.ts'
import type { Usage } from './usage.ts'

export interface AccountTools {
  readonly ledger: Ledger
  readonly prices: Pick<CurrentPrices, 'at'>
  readonly log: Log
  sleep(ms: number): Promise<void>
}

/** What of a request may be logged: numbers and ids, never a word of it. */
const factsOf = (request: OpenedRequest, end: RequestEnd): Record<string, unknown> => ({
  requestId: request.requestId,
  keyId: request.payer.keyId,
  identity: request.payer.identity,
  model: request.target.bedrockId,
  endpointId: request.endpointId,
  ...end.way,
  status: end.status,
  ...(end.fault !== undefined && { fault: end.fault.code, upstream: end.fault.detail }),
  estimated: end.estimated,
  ...end.usage,
  ...(end.contradicted && { contradicted: end.contradicted }),
  ...(end.web && { webSearches: end.web.searches, webPages: end.web.pages }),
  durationMs: Math.round(end.durationMs),
  firstByteMs: end.firstByteMs === null ? null : Math.round(end.firstByteMs),
})

/** What we refused is measured where it is refused. */
function figuresOf(request: OpenedRequest, end: RequestEnd): Figure[] {
  if (end.status === 'refused') return []
  const Family = familyOf(request.target.name)
  return [
    { name: 'Requests', value: 1, Outcome: end.status },
    { name: 'DurationMs', value: Math.round(end.durationMs), Family },
    ...(end.way === undefined || end.way.failovers === 0
      ? []
      : [{ name: 'Failovers', value: end.way.failovers } as const]),
    ...(end.firstByteMs === null ? [] : [{ name: 'FirstByteMs', value: Math.round(end.firstByteMs), Family } as const]),
    // What the deadline or the client cut short is not Bedrock's fault.
    ...(end.status === 'failed' && end.fault !== undefined
      ? [{ name: 'BedrockFaults', value: 1, Kind: end.fault.code } as const]
      : []),
    ...(end.contradicted ? [{ name: 'UsageContradictions', value: 1 } as const] : []),
    ...(end.estimated ? [{ name: 'EstimatedSettlements', value: 1 } as const] : []),
    ...(end.web !== undefined && end.web.searches > 0
      ? [{ name: 'WebSearches', value: end.web.searches } as const]
      : []),
  ]
}

export async function settleRequest(
  request: OpenedRequest,
  end: RequestEnd,
  pricesVersion: number,
  settledAt: Instant,
  { ledger, prices, log, sleep }: AccountTools,
): Promise<NanoUsd | undefined> {
  // The line of a refusal has been written by whoever told it to the caller.
  if (end.status === 'refused') return await settleRefused(request, end, settledAt, { ledger, log, sleep })
  try {
    const book = await prices.at(pricesVersion)
    const cost = costOfEnd(request, end, book)
    const outcome = await ledger.settle(request, end, cost, settledAt)
    const facts = { ...factsOf(request, end), costNano: cost.cost, price: cost.price, settlement: outcome }
    log.info('request', facts, [...figuresOf(request, end), { name: 'Cost', value: cost.cost }])
    return outcome === 'settled' ? cost.cost : undefined
  } catch (thrown) {
    // The pending item is still there: `watch` settles it at its estimate. The true figures are at least in the log.
    log.error('settlement_failed', { ...factsOf(request, end), ...describeError(thrown) }, [
      ...figuresOf(request, end),
      { name: 'SettlementFailures', value: 1 },
    ])
    return undefined
  }
}

/** All turns of the model, and the searches between them. */
function costOfEnd({ target, serviceTier, arrivedAt }: OpenedRequest, end: RequestEnd, book: PriceBook): Cost {
  const turns = end.turns ?? [{ usage: end.usage, target, serviceTier }]
  const ofModel = sumOfCosts(
    turns.map((turn) =>
      costOf(turn.usage, book.priceOf(turn.target.name, turn.target.scope, turn.serviceTier, arrivedAt)),
    ),
  )
  return end.web === undefined ? ofModel : { ...ofModel, cost: addUsd(ofModel.cost, end.web.cost) }
}

/** It costs nothing, whatever the prices. */
async function settleRefused(
  request: OpenedRequest,
  end: RequestEnd,
  settledAt: Instant,
  { ledger, log, sleep }: Pick<AccountTools, 'ledger' | 'log' | 'sleep'>,
): Promise<NanoUsd | undefined> {
  try {
    await again(() => ledger.settle(request, end, NO_COST, settledAt), sleep)
    return ZERO_USD
  } catch (thrown) {
    log.error('settlement_failed', { ...factsOf(request, end), ...describeError(thrown) }, [
      { name: 'SettlementFailures', value: 1 },
    ])
    return undefined
  }
}

/** What was not served would be billed by a guess if it stayed open, so it is tried for longer; not so long that environments pile up. */
const AGAIN_AFTER_MS = [500, 2_000]

async function again<T>(work: () => Promise<T>, sleep: AccountTools['sleep']): Promise<T> {
  for (const ms of AGAIN_AFTER_MS) {
    try {
      return await work()
    } catch {
      await sleep(ms)
    }
  }
  return await work()
}

/** What a usage would cost, by the prices at hand. */
export const expectedCost = (
  { target, serviceTier, arrivedAt }: OpenedRequest,
  usage: Usage,
  { prices }: { readonly prices: Pick<CurrentPrices, 'atHand'> },
): NanoUsd => costOf(usage, prices.atHand().priceOf(target.name, target.scope, serviceTier, arrivedAt)).cost

/** A request as it lies in the books while it is open; `undefined` where it does not, or they cannot be read. */
export async function lyingRequest(
  request: OpenedRequest,
  { ledger, log }: Pick<AccountTools, 'ledger' | 'log'>,
): Promise<OpenedRequest | undefined> {
  try {
    return await ledger.lying(request)
  } catch (thrown) {
    log.error('pending_unread', { requestId: request.requestId, ...describeError(thrown) })
    return undefined
  }
}

export async function restateRequest(
  request: OpenedRequest,
  { ledger, log }: Pick<AccountTools, 'ledger' | 'log'>,
): Promise<void> {
  try {
    await ledger.open(request)
  } catch (thrown) {
    // It lies there as it was opened, which only matters should this environment die as well.
    log.warn('restatement_failed', { requestId: request.requestId, ...describeError(thrown) })
  }
}

export async function withdrawRequest(
  request: OpenedRequest,
  { ledger, log, sleep }: Pick<AccountTools, 'ledger' | 'log' | 'sleep'>,
): Promise<void> {
  try {
    await again(() => ledger.withdraw(request), sleep)
  } catch (thrown) {
    log.error('withdrawal_failed', { requestId: request.requestId, ...describeError(thrown) })
  }
}
