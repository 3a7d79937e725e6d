/** How budgets are told by the control plane. Amounts are exact unless it is said otherwise. */
import type * as z from 'zod'
import type * as contract from '../../contract/budget-routes.ts'
import { MOST_NAMED } from '../../contract/budget-routes.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import { exactUsd, type NanoUsd, usdOf, usdOrNull } from '../platform/money.ts'
import { type Account, projectedOf } from './accounts.ts'
import type { OwnStatus } from './budget-status.flow.ts'
import type { EffectiveRow } from './effective-list.ts'
import { stretchOf } from './period.ts'
import type { PolicyRule } from './policy.ts'
import type { Preview } from './preview-budget.flow.ts'
import type { TeamOverview } from './team-overview.flow.ts'
import type { PricedRule, Struck } from './trial.ts'

type Answer<R extends { responses: { 200: z.ZodType } }> = z.input<R['responses'][200]>

const inCents = (amount: NanoUsd): number => usdOf(amount, 2)
const oneDecimal = (percent: number | null): number | null => (percent === null ? null : Math.round(percent * 10) / 10)

export const policyRow = (rules: readonly PolicyRule[] | null): PolicyRule[] | null => rules && [...rules]

export function statusRow(email: string, status: OwnStatus): Answer<typeof contract.budgetStatus> {
  const { account, team, keys } = status
  return {
    user: email,
    period: account.period,
    period_start: isoOf(account.start),
    resets_at: isoOf(account.resetsAt),
    spend_usd: inCents(account.spent),
    limit_usd: usdOrNull(account.limit),
    percent: oneDecimal(account.percent),
    limit_source: account.source,
    limit_source_name: account.source === 'team' ? (team?.known.name ?? null) : null,
    policy: policyRow(account.rules),
    status: account.status,
    // A person's requests fall under no budget of a key but by that key.
    decided_by: account.decidedBy === 'key' ? null : account.decidedBy,
    team: team && teamRow(team),
    keys: keys.map(({ key, account: one }) => ({
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      limit_usd: usdOrNull(one.limit),
      period: one.period,
      spend_usd: inCents(one.spent),
      percent: oneDecimal(one.percent),
      resets_at: isoOf(one.resetsAt),
      status: one.status,
      policy: policyRow(one.rules),
    })),
    recent_events: [...status.recentEvents],
    unpriced_tokens: status.unpricedTokens,
  }
}

const teamRow = ({ known, account }: OwnStatus['team'] & {}) => ({
  id: known.id,
  name: known.name,
  budget_amount_usd: usdOrNull(account.limit),
  budget_period: account.period,
  ...(account.percent !== null && {
    spend_usd: inCents(account.spent),
    percent: oneDecimal(account.percent) ?? 0,
  }),
  status: account.status,
  resets_at: isoOf(account.resetsAt),
  policy: policyRow(account.rules),
})

export const overviewRow = ({
  team,
  account,
  members,
  keys,
}: TeamOverview): Answer<typeof contract.teamOverview>['teams'][number] => ({
  team_id: team.id,
  team_name: team.name,
  budget_amount_usd: usdOrNull(account.limit),
  budget_period: account.period,
  // As it was set: `null` where it is left to the standard one.
  budget_policy: policyRow(team.budget.rules),
  default_user_budget_usd: usdOrNull(team.memberLimit),
  notify_recipients: team.notifyRecipients,
  routing_strategy: team.routingStrategy,
  current_spend_usd: exactUsd(account.spent),
  percent: oneDecimal(account.percent),
  resets_at: isoOf(account.resetsAt),
  status: account.status,
  user_count: members,
  key_count: keys,
  budget_rev: team.budgetRev,
})

export const effectiveRow = (
  { subject, name, displayName, team, account }: EffectiveRow,
  at: Instant,
): z.input<typeof contract.EffectiveBudget> => ({
  scope: subject.kind,
  id: subject.id,
  name,
  display_name: displayName,
  team_id: team?.id ?? null,
  team_name: team?.name ?? null,
  ...standingRow(account),
  period: account.period,
  period_start: isoOf(account.start),
  resets_at: isoOf(account.resetsAt),
  limit_source: account.source,
  policy: policyRow(account.rules),
  projected_usd: projectedOf(account, at),
  status: account.status,
})

const standingRow = (account: Account) => ({
  limit_usd: usdOrNull(account.limit),
  spend_usd: exactUsd(account.spent),
  percent: oneDecimal(account.percent),
  decided_by: account.decidedBy,
})

export function previewRow(preview: Preview, at: Instant): z.input<typeof contract.BudgetPreview> {
  const { start, end } = stretchOf(preview.period, at)
  return {
    period_start: isoOf(start),
    resets_at: isoOf(end),
    rules: preview.rules.map(pricedRow),
    member_rules: preview.memberRules.map(pricedRow),
    own: preview.own === undefined ? null : triedRow(preview.own),
    affected: preview.affected,
    notified: struckRow(preview.notified),
    shaped: struckRow(preview.shaped),
    blocked: struckRow(preview.blocked),
    unlimited: struckRow(preview.unlimited),
  }
}

const pricedRow = ({ amount, ...rule }: PricedRule) => ({ ...rule, amount_usd: exactUsd(amount) })

const struckRow = (struck: readonly Struck[]): z.input<typeof contract.BudgetPreview>['blocked'] => ({
  count: struck.length,
  new_count: struck.filter(({ isNew }) => isNew).length,
  subjects: struck.slice(0, MOST_NAMED).map(triedRow),
})

const triedRow = ({ name, holder, account, was, isNew }: Struck) => ({
  scope: holder.subject.kind,
  id: holder.subject.id,
  name,
  ...standingRow(account),
  status: account.status,
  was,
  is_new: isNew,
})
