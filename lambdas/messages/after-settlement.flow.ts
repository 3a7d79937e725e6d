/** What follows from what a request really took: the minutes it was counted in are put right, and thresholds it crossed are told of. */
import type { Pace } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { type Allowance, type Payer, shardsOf } from '../admission/allowance.ts'
import { negative } from '../admission/rate-window.ts'
import type { RateWindows } from '../admission/rate-windows.store.ts'
import { amountAt } from '../budgets/policy.ts'
import { type Standing, spentIn, standingOf } from '../budgets/standing.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { RequestEnd } from '../spend/request-record.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import { pacedTokens } from './likely-usage.ts'
import type { EventTeller } from './tell-events.flow.ts'

export interface Settled {
  readonly subjects: readonly PacedSubject[]
  readonly pace: Pace
  readonly end: RequestEnd
  readonly allowance: Allowance
  readonly arrivedAt: Instant
  readonly settledAt: Instant
}

/**
 * What the request took instead of what was expected, in the minute in which that is known. What Bedrock found wrong with it fills nobody's minute:
 * Claude Code asks six times where it is told that something is wrong.
 */
export async function correctMinutes(
  { subjects, pace, end, allowance, arrivedAt: at, settledAt: now }: Settled,
  windows: RateWindows,
): Promise<void> {
  if (end.fault?.code === 'upstream_rejected' && end.firstByteMs === null) {
    await Promise.all(subjects.map((subject) => windows.add(subject, negative(pace.own), at)))
    return
  }
  const { key, owner } = allowance
  const limited = { key: key.rates.tpm, user: owner === null || owner === 'missing' ? null : owner.rates.tpm }
  const counted = subjects.filter(({ kind }) => limited[kind] !== null)
  const tokens = pacedTokens(end.usage)
  const isSameMinute = Math.floor(now / MINUTE_MS) === Math.floor(at / MINUTE_MS)
  const steps = isSameMinute
    ? [{ when: at, tokens: tokens - pace.own.tokens }]
    : [
        { when: at, tokens: -pace.own.tokens },
        { when: now, tokens },
      ]
  await Promise.all(
    counted.flatMap((subject) => steps.map(({ when, tokens }) => windows.add(subject, { requests: 0, tokens }, when))),
  )
}

const MINUTE_MS = 60_000

export interface Crossing {
  readonly allowance: Allowance
  readonly standings: readonly Standing[]
  readonly payer: Payer
  readonly cost: NanoUsd
  readonly at: Instant
}

/** As far from a threshold as many requests like this one at once cannot bridge, nobody needs to look. */
const REQUESTS_AHEAD = 64

/** A threshold that has been crossed since the verdict is told of by whoever settles last, who finds all of it on the counters. */
export async function tellCrossed(
  { allowance, standings, payer, cost, at }: Crossing,
  { allowances, events }: { readonly allowances: AllowanceStore; readonly events: EventTeller },
): Promise<void> {
  const near = standings.filter(({ budget, spent, subject }) =>
    budget.rules.some((rule) => {
      const threshold = amountAt(rule, budget.limit)
      return spent < threshold && spent + cost * REQUESTS_AHEAD * shardsOf(payer, subject) >= threshold
    }),
  )
  const now = await Promise.all(
    near.map(async (standing) => {
      const { subject, budget } = standing
      const counted = { subject, shards: shardsOf(payer, subject), period: budget.period }
      return standingOf(standing, spentIn(await allowances.countersOf(counted, at), standing, at), at)
    }),
  )
  await events.passedThresholds(allowance, now, at)
}
