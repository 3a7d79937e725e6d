/** Setting the budget of a team and the default one: each as a whole, and only over what was seen. */
import type * as z from 'zod'
import type { setDefaultBudget as defaultRoute, setTeamBudget as teamRoute } from '../../contract/budget-routes.ts'
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { usdOrNull } from '../platform/money.ts'
import { refuseStale } from '../platform/revision.ts'
import type { SetBudget } from './budget.ts'
import type { WrittenSettings } from './budget-settings.ts'
import { nanoOfUsd, rulesOf } from './budget-wish.ts'
import type { BudgetStore } from './set-budgets.store.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import type { Recipients, TeamBudget } from './subjects.ts'

export type TeamBudgetWish = z.output<(typeof teamRoute)['body']>
export type DefaultBudgetWish = z.output<(typeof defaultRoute)['body']>

export interface SetBudgetTools {
  readonly subjects: Pick<BudgetSubjects, 'team' | 'settings'>
  readonly budgets: BudgetStore
  readonly newId: () => string
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

/** @returns The new revision. @throws Fault `not_found` */
export async function setTeamBudget(
  id: string,
  wish: TeamBudgetWish,
  request: Request,
  { subjects, budgets, newId }: SetBudgetTools,
): Promise<number> {
  const next: TeamBudget = {
    budget: budgetIn(wish),
    memberLimit: amountIn(wish.default_user_budget_usd),
    notifyRecipients: wish.notify_recipients,
  }
  return await overWhatWasSeen(wish.rev, async () => {
    const team = await subjects.team(id)
    if (team === undefined) throw teamNotFound()
    const detail = {
      name: team.name,
      ...told(next.budget, next.notifyRecipients),
      default_user_budget_usd: usdOrNull(next.memberLimit),
    }
    const audit = { ...entryOf(request, newId()), action: 'team.budget_set', target: `team:${id}`, detail }
    return { rev: team.budgetRev, write: () => budgets.setTeam(id, next, team.budgetRev, audit) }
  })
}

/** @returns The new revision. */
export async function setDefaultBudget(
  wish: DefaultBudgetWish,
  request: Request,
  { subjects, budgets, newId }: SetBudgetTools,
): Promise<number> {
  return await overWhatWasSeen(wish.rev, async () => {
    const { settings, rev } = await subjects.settings()
    const next: WrittenSettings = {
      usual: budgetIn(wish),
      notifyRecipients: wish.notify_recipients,
      refusalStatus: wish.refusal_status ?? settings.refusalStatus,
    }
    const detail = { ...told(next.usual, next.notifyRecipients), refusal_status: next.refusalStatus }
    const audit = { ...entryOf(request, newId()), action: 'default-budget.set', target: 'setting:budgets', detail }
    return { rev, write: () => budgets.setSettings(next, rev, audit) }
  })
}

interface Attempt {
  /** As it was read. */
  readonly rev: number
  readonly write: () => Promise<boolean>
}

/** Of those who set the same budget at once, one gets through in each round; administrators are few. */
const MAX_TRIES = 12

/** Whoever has named no revision sets it over whatever there is, in a row with the others. */
async function overWhatWasSeen(seen: number | undefined, attempt: () => Promise<Attempt>): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { rev, write } = await attempt()
    refuseStale(rev, seen)
    if (await write()) return rev + 1
  }
  throw new Fault('conflict', 'This budget is being changed at this moment; try again')
}

interface Wish {
  readonly budget_amount_usd?: number | null | undefined
  readonly budget_period: SetBudget['period']
  readonly budget_policy?: TeamBudgetWish['budget_policy']
}

const budgetIn = ({ budget_amount_usd, budget_period, budget_policy }: Wish): SetBudget => ({
  limit: amountIn(budget_amount_usd),
  period: budget_period,
  rules: rulesOf(budget_policy),
})

const amountIn = (usd: number | null | undefined) => (usd == null ? null : nanoOfUsd(usd))

const told = ({ limit, period, rules }: SetBudget, notifyRecipients: Recipients) => ({
  budget_amount_usd: usdOrNull(limit),
  budget_period: period,
  budget_policy: rules,
  notify_recipients: notifyRecipients,
})

const entryOf = (
  { caller, at, requestId }: Request,
  id: string,
): Pick<AuditEntry, 'id' | 'at' | 'requestId' | 'actor'> => ({ id, at, requestId, actor: caller })

const teamNotFound = (): Fault => new Fault('not_found', 'Team not found')
