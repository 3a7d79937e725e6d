/** Those who have budgets, with what it takes to tell how they stand. */
import type { NanoUsd } from '../platform/money.ts'
import type { BudgetedTeam, BudgetedUser, BudgetFacts, SetBudget } from './budget.ts'

export type Recipients = 'both' | 'user' | 'admin'

export interface KnownUser extends BudgetedUser {
  readonly email: string
  readonly displayName: string | null
  readonly teamId: string | null
  readonly active: boolean
  /** Over how many items their counter is spread. */
  readonly counterShards: number
}

export interface KnownTeam extends BudgetedTeam {
  readonly name: string
  readonly notifyRecipients: Recipients
  readonly routingStrategy: 'primary_fallback' | 'sticky_user' | 'round_robin'
  readonly counterShards: number
  /** Of its budget; 0 until it was first set. */
  readonly budgetRev: number
}

export interface KnownKey {
  readonly id: string
  readonly name: string | null
  readonly prefix: string
  readonly userId: string | null
  /** The team that pays; `null` follows the owner. */
  readonly teamId: string | null
  readonly active: boolean
  readonly budget: SetBudget
}

export interface TeamBudget {
  readonly budget: SetBudget
  readonly memberLimit: NanoUsd | null
  readonly notifyRecipients: Recipients
}

/** What a request of a person falls under, with a key of theirs that has neither a budget nor a team of its own. */
export const factsOfUser = (user: BudgetedUser, team: BudgetedTeam | null, usual: SetBudget): BudgetFacts => ({
  key: null,
  user,
  usersTeam: team,
  payingTeam: team,
  usual,
})

/** What the team alone says. */
export const factsOfTeam = (team: BudgetedTeam, usual: SetBudget): BudgetFacts => ({
  key: null,
  user: null,
  usersTeam: null,
  payingTeam: team,
  usual,
})

export interface KeyContext {
  readonly owner: KnownUser | null
  readonly ownersTeam: BudgetedTeam | null
  readonly payingTeam: BudgetedTeam | null
}

export const factsOfKey = (key: KnownKey, context: KeyContext, usual: SetBudget): BudgetFacts => ({
  key,
  user: context.owner,
  usersTeam: context.ownersTeam,
  payingTeam: context.payingTeam,
  usual,
})
