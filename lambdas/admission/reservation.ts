/**
 * Near the end of a budget, a request holds its share before Bedrock hears of it, so that many at once cannot pass what is left. It is held
 * on the first shard of the counter, where the request settles as well; so a hold and the spending it competes with meet in one item.
 */
import { monthsOf, spentAttribute } from '../budgets/period.ts'
import { capOf } from '../budgets/policy.ts'
import type { Standing } from '../budgets/standing.ts'
import type { Instant } from '../platform/instant.ts'
import { addUsd, type NanoUsd, nanoUsd } from '../platform/money.ts'
import type { TableKey } from '../table/core-keys.ts'
import { countedIn, counterKey, RESERVED_ATTRIBUTE, RESERVING_SHARD } from '../table/usage-keys.ts'
import { type Allowance, type Payer, shardsOf } from './allowance.ts'

export interface Hold {
  readonly standing: Standing
  readonly counter: TableKey
  /** In which the period's spending stands on that counter. */
  readonly attribute: string
  /** What stands there. */
  readonly seen: NanoUsd
  /** What stands on all counters of the subject together. */
  readonly spent: NanoUsd
  readonly cap: NanoUsd
  readonly amount: NanoUsd
}

/** So many requests at once on one shard are an unusual moment; with more room than they take, none of them has to hold anything. */
const REQUESTS_A_SHARD = 64

export function holdsOf(
  standings: readonly Standing[],
  estimate: NanoUsd,
  payer: Payer,
  { counters }: Pick<Allowance, 'counters'>,
  at: Instant,
): readonly Hold[] {
  return standings.flatMap((standing) => {
    const { subject, budget } = standing
    const cap = capOf(budget.rules, budget.limit)
    if (cap === undefined) return []
    const counter = counterKey(subject, at, RESERVING_SHARD)
    const attribute = spentAttribute(budget.period, at)
    const itemOf = ({ PK, SK }: TableKey) => counters.find((one) => one.PK === PK && one.SK === SK)
    const item = itemOf(counter)
    // What others hold is as good as spent; in a week that began last month, some of them hold it there.
    const [, before] = monthsOf(budget.period, at)
    const heldBefore = before && itemOf(counterKey(subject, before, RESERVING_SHARD))?.[RESERVED_ATTRIBUTE]
    const spent = addUsd(standing.spent, amountIn(heldBefore))
    const room = cap - spent - amountIn(item?.[RESERVED_ATTRIBUTE])
    if (room >= estimate * REQUESTS_A_SHARD * shardsOf(payer, subject)) return []
    return [{ standing, counter, attribute, seen: amountIn(item?.[attribute]), spent, cap, amount: estimate }]
  })
}

const amountIn = (value: unknown): NanoUsd => nanoUsd(countedIn(value))

/** What others may hold beside it. */
export const roomBeside = ({ cap, spent, amount }: Hold): number => cap - spent - amount

/** The same, with what has been spent on its counter meanwhile. */
export const withSpent = (hold: Hold, seen: NanoUsd): Hold => ({
  ...hold,
  seen,
  spent: nanoUsd(hold.spent - hold.seen + seen),
})

/** Who pays, with what is held for the request. */
export const payerHolding = (payer: Payer, holds: readonly Hold[]): Payer => ({
  ...payer,
  counters: payer.counters.map((counter) => {
    const hold = holds.find(({ standing: { subject } }) => subject.kind === counter.subject.kind)
    return hold === undefined ? counter : { ...counter, reserved: hold.amount }
  }),
})
