/** Holds a request's share of budgets that are nearly used up, before Bedrock hears of it. Where there is room for many, nothing is held. */
import type { BudgetHeld, OverBudget } from '../admission/admit.ts'
import type { Allowance } from '../admission/allowance.ts'
import { type Hold, holdsOf, payerHolding, roomBeside, withSpent } from '../admission/reservation.ts'
import { type Standing, standingOf } from '../budgets/standing.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { type NanoUsd, nanoUsd } from '../platform/money.ts'
import type { OpenedRequest } from '../spend/request-record.ts'
import type { Usage } from '../spend/usage.ts'
import { orUnavailable } from './identify.flow.ts'
import type { Accounts } from './serve-message.flow.ts'

export interface Holding {
  readonly opened: OpenedRequest
  /** What it will probably use. */
  readonly likely: () => Usage
  /** Of the model, each of which reads the prompt anew. */
  readonly turns: number
  readonly standings: readonly Standing[]
  readonly allowance: Allowance
  readonly at: Instant
}

/** Each try fails only because somebody else has settled meanwhile; so many in a row are a crowd at the very end of a budget. */
const MAX_HOLDS = 10
/** By then some of the crowd have settled. */
const CROWD_RETRY_SECONDS = 2

/** @returns the request as it holds its share, where it has to. @throws Fault */
export async function holdShare(
  { opened, likely, turns, standings, allowance, at }: Holding,
  accounts: Accounts,
): Promise<OpenedRequest | OverBudget | BudgetHeld> {
  const { payer, estimate } = opened
  // Which endpoint will answer is not known yet; a tier that the team asks for may be dearer.
  const serviceTier = allowance.team?.routing.options.serviceTier ?? null
  const priced = (usage: Usage): NanoUsd => nanoUsd(turns * accounts.expectedCost({ ...opened, serviceTier }, usage))
  // The dearest it can be is enough to see that there is room; a closer look is taken where there may be none.
  if (holdsOf(standings, priced(estimate), payer, allowance, at).length === 0) return opened
  // A round trip is taken now in any case; what is held should go by the prices that will be charged.
  await orUnavailable(accounts.readPrices(allowance.pricesVersion))
  let holds = holdsOf(standings, priced(likely()), payer, allowance, at)
  if (holds.length === 0) return opened
  for (let attempt = 1; attempt <= MAX_HOLDS; attempt++) {
    const spent = holds.find((hold) => roomBeside(hold) < 0)
    if (spent !== undefined) return noRoom(spent, at)
    const holding = { ...opened, payer: payerHolding(payer, holds) }
    const end = await orUnavailable(accounts.hold(holding, holds, attempt))
    if (end.held) return holding
    const { crowded } = end
    holds = holds.map((hold, place) => withSpent(hold, crowded.get(place)?.spent ?? hold.seen))
    const full = [...crowded].find(([place, { reserved }]) => {
      const hold = holds[place]
      return hold !== undefined && reserved > roomBeside(hold)
    })
    const crowdedOut = full && holds[full[0]]
    if (full !== undefined && crowdedOut !== undefined) return held(crowdedOut, full[1].reserved, at)
  }
  throw new Fault(
    'rate_limited',
    'A budget is nearly used up, and many requests ask for what is left of it. Try again.',
    {
      retryAfterSeconds: CROWD_RETRY_SECONDS,
    },
  )
}

const noRoom = ({ standing, spent, amount }: Hold, at: Instant): OverBudget => ({
  admitted: false,
  because: 'over_budget',
  standing: standingOf(standing, spent, at),
  expected: amount,
})

const held = ({ standing, spent }: Hold, amount: NanoUsd, at: Instant): BudgetHeld => ({
  admitted: false,
  because: 'budget_held',
  standing: standingOf(standing, spent, at),
  held: amount,
})
