/** A budget tried on those it would hold for, without being set. */
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import { type Account, accountOf, type Holder } from './accounts.ts'
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

export interface Effects {
  readonly notified: readonly Struck[]
  readonly shaped: readonly Struck[]
  readonly blocked: readonly Struck[]
  /** Who would have no limit of their own. */
  readonly unlimited: readonly Struck[]
}

/** Those for whom it is new first, then by what they have spent. */
export function effectsOf(tried: readonly Tried[], spentOf: SpentOf, at: Instant): Effects {
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
  return {
    notified: struck(({ status }) => status === 'warning'),
    shaped: struck(({ status }) => status === 'shaped'),
    blocked: struck(({ status }) => status === 'blocked'),
    unlimited: struck(({ limit }) => limit === null),
  }
}

export type PricedRule = PolicyRule & { readonly amount: NanoUsd }

export const pricedRules = (rules: readonly PolicyRule[], limit: NanoUsd | null): readonly PricedRule[] =>
  limit === null ? [] : rules.map((rule) => ({ ...rule, amount: amountAt(rule, limit) }))
