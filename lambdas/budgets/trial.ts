/** A budget tried on those it would hold for, without being set. */
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import type { CounterSubject } from '../table/usage-keys.ts'
import { type Account, accountOf, type Holder, isOf } from './accounts.ts'
import { amountAt, type PolicyRule } from './policy.ts'
import type { SpentOf, Status } from './standings.ts'

/** Somebody as they are now, and as they would be. */
export interface Tried {
  readonly name: string
  readonly before: Holder
  readonly after: Holder
}

export interface Struck {
  readonly name: string
  readonly holder: Holder
  readonly account: Account
  readonly was: Status
  readonly isNew: boolean
}

/** Those who are struck, each list with those first for whom it is new, then by what they have spent. */
export interface Effects {
  readonly notified: readonly Struck[]
  readonly shaped: readonly Struck[]
  readonly blocked: readonly Struck[]
  /** Who would have no limit of their own. */
  readonly unlimited: readonly Struck[]
  /** Whom the budget is of, whatever happens to them; nothing for the default. */
  readonly own: Struck | undefined
}

/** @param own Whose budget it is. */
export function effectsOf(
  tried: readonly Tried[],
  own: CounterSubject | undefined,
  spentOf: SpentOf,
  at: Instant,
): Effects {
  const compared = tried
    .map(({ name, before, after }) => ({
      name,
      holder: after,
      account: accountOf(after, spentOf, at),
      was: accountOf(before, spentOf, at),
    }))
    .sort((one, other) => other.account.spent - one.account.spent)
  const struck = (holds: (account: Account) => boolean): Struck[] => {
    const all = compared
      .filter(({ account }) => holds(account))
      .map(({ was, ...one }) => ({ ...one, was: was.status, isNew: !holds(was) }))
    return [...all.filter(({ isNew }) => isNew), ...all.filter(({ isNew }) => !isNew)]
  }
  const itself = compared.find(({ holder }) => own !== undefined && isOf(own)(holder))
  return {
    own: itself && { ...itself, was: itself.was.status, isNew: itself.was.status !== itself.account.status },
    notified: struck(({ status }) => status === 'warning'),
    shaped: struck(({ status }) => status === 'shaped'),
    blocked: struck(({ status }) => status === 'blocked'),
    unlimited: struck(({ limit }) => limit === null),
  }
}

export type PricedRule = PolicyRule & { readonly amount: NanoUsd }

export const pricedRules = (rules: readonly PolicyRule[], limit: NanoUsd | null): readonly PricedRule[] =>
  limit === null ? [] : rules.map((rule) => ({ ...rule, amount: amountAt(rule, limit) }))
