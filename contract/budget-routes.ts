/** Who may spend how much: setting it, seeing how it stands, and trying it before it is set. */
import * as z from 'zod'
import { AmountUsd, BudgetPeriod, BudgetPolicyWish, NotifyRecipients, PolicyRule } from './budgets.ts'
import { AdminError } from './errors.ts'
import { Id, Timestamp } from './fields.ts'
import { pageAnswer, pageQuery, searchText } from './paging.ts'
import { route } from './route.ts'

const Amount = z.nullable(z.number())
const Policy = z.nullable(z.array(PolicyRule))

const Status = z
  .enum(['ok', 'warning', 'shaped', 'blocked'])
  .meta({ description: 'What happens to the next request: the strictest budget that it falls under decides.' })

const Source = z
  .enum(['explicit', 'team', 'default', 'unlimited'])
  .meta({ description: 'Whose word the limit is: their own, that of their team, that of the gateway, or nobody’s.' })

const Rev = z
  .int()
  .min(0)
  .optional()
  .meta({ description: 'The revision that was seen: 409 when it is not the last one.' })

const Updated = z.object({ updated: z.literal(true), rev: z.int() })

/** In the order in which they are to be complained of. A message that names its field itself is what older clients know. */
const wishes = {
  budget_period: z
    .enum(BudgetPeriod.def.entries, { error: "budget_period must be 'daily', 'weekly', or 'monthly'" })
    .default('monthly'),
  notify_recipients: z
    .enum(NotifyRecipients.def.entries, { error: "notify_recipients must be 'both', 'user', or 'admin'" })
    .default('both'),
  budget_policy: z.optional(BudgetPolicyWish),
  budget_amount_usd: z
    .nullish(AmountUsd)
    .meta({ description: 'Zero: nothing may be spent. Absent or null: no limit.' }),
}

const TeamBudget = z.strictObject({
  ...wishes,
  default_user_budget_usd: z
    .nullish(AmountUsd)
    .meta({ description: 'For each member who has no limit of their own. Absent or null: none.' }),
  rev: Rev,
})

const RefusalStatus = z
  .union([z.literal(402), z.literal(429)])
  .meta({ description: 'With which status a request is refused when a budget is spent.' })

const ById = z.object({ id: Id })

export const setTeamBudget = route({
  method: 'PUT',
  path: '/admin/teams/{id}/budget',
  access: 'admin',
  summary: 'Set what a team and each of its members may spend; what is absent is taken away.',
  params: ById,
  body: TeamBudget,
  responses: { 200: Updated, 404: AdminError, 409: AdminError },
})

export const readDefaultBudget = route({
  method: 'GET',
  path: '/admin/settings/default-budget',
  access: 'admin',
  summary: 'What each person without a team may spend.',
  responses: {
    200: z.object({
      budget_amount_usd: Amount,
      budget_period: BudgetPeriod,
      budget_policy: Policy,
      notify_recipients: NotifyRecipients,
      affected_user_count: z.int().meta({ description: 'People without a team.' }),
      refusal_status: RefusalStatus,
      rev: z.int(),
    }),
  },
})

export const setDefaultBudget = route({
  method: 'PUT',
  path: '/admin/settings/default-budget',
  access: 'admin',
  summary: 'Set what each person without a team may spend; what is absent is taken away.',
  body: z.strictObject({
    ...wishes,
    refusal_status: RefusalStatus.optional().meta({ description: 'Absent: stays as it is.' }),
    rev: Rev,
  }),
  responses: { 200: Updated, 409: AdminError },
})

const Standing = {
  spend_usd: z.number(),
  percent: z.nullable(z.number()).meta({ description: 'Of the limit, with one decimal; null without one.' }),
  resets_at: Timestamp,
}

export const BudgetEvent = z.object({
  id: z.string(),
  user_identity: z.nullable(z.string()),
  team_id: z.nullable(Id),
  event_type: z.string(),
  threshold_percent: z.int(),
  spend_usd: z.number(),
  limit_usd: z.number(),
  percent: z.number(),
  period: BudgetPeriod,
  period_start: Timestamp,
  created_at: Timestamp,
  delivered_at: z.nullable(Timestamp),
})

export const budgetStatus = route({
  method: 'GET',
  path: '/admin/budget/status',
  access: 'any',
  summary: 'How the budgets of the caller stand, as requests are judged by them.',
  responses: {
    200: z.object({
      user: z.string(),
      period: BudgetPeriod,
      period_start: Timestamp,
      ...Standing,
      limit_usd: Amount,
      limit_source: Source,
      limit_source_name: z.nullable(z.string()).meta({ description: 'Name of the team, where it is its word.' }),
      policy: Policy,
      status: Status,
      decided_by: z.nullable(z.enum(['user', 'team'])).meta({ description: 'Whose budget says so; null without any.' }),
      team: z.nullable(
        z.object({
          id: Id,
          name: z.string(),
          budget_amount_usd: Amount,
          budget_period: BudgetPeriod,
          spend_usd: z.number().optional().meta({ description: 'Only where the team has a limit.' }),
          percent: z.number().optional(),
          status: Status,
          resets_at: Timestamp,
          policy: Policy,
        }),
      ),
      keys: z
        .array(
          z.object({
            id: Id,
            name: z.nullable(z.string()),
            prefix: z.string(),
            limit_usd: Amount,
            period: BudgetPeriod,
            ...Standing,
            status: Status,
            policy: Policy,
          }),
        )
        .meta({ description: "The caller's active keys that have a budget of their own." }),
      recent_events: z.array(BudgetEvent).meta({ description: 'The ten newest.' }),
      unpriced_tokens: z.int().meta({ description: 'Of requests of the period for which no price was known.' }),
    }),
    404: AdminError,
  },
})

export const teamOverview = route({
  method: 'GET',
  path: '/admin/analytics/overview',
  access: 'admin',
  summary: 'Every team with what it may spend and has spent, by name.',
  responses: {
    200: z.object({
      teams: z.array(
        z.object({
          team_id: Id,
          team_name: z.string(),
          budget_amount_usd: Amount,
          budget_period: BudgetPeriod,
          budget_policy: Policy,
          default_user_budget_usd: Amount,
          notify_recipients: NotifyRecipients,
          routing_strategy: z.enum(['primary_fallback', 'sticky_user', 'round_robin']),
          current_spend_usd: z.number(),
          percent: Standing.percent,
          resets_at: Timestamp,
          status: Status,
          user_count: z.int(),
          key_count: z.int().meta({ description: 'Active keys that the team itself pays for, whoever has them.' }),
          budget_rev: z.int().meta({ description: "Of the team's budget." }),
        }),
      ),
    }),
  },
})

const Scope = z.enum(['user', 'team', 'key'])

export const EffectiveBudgetsQuery = z.object({
  ...pageQuery,
  q: searchText('a name, an e-mail address or the name of a team'),
  scope: z.enum([...Scope.options, 'all']).default('all'),
  team_id: Id.optional().meta({ description: 'Of this team alone.' }),
  status: z.enum([...Status.options, 'all']).default('all'),
  sort: z.enum(['percent', 'spend', 'limit', 'name']).default('percent'),
  order: z.enum(['asc', 'desc']).default('desc'),
})

export const EffectiveBudget = z.object({
  scope: Scope,
  id: Id,
  name: z.string().meta({ description: 'E-mail address of a person; name or prefix of a key.' }),
  display_name: z.nullable(z.string()),
  team_id: z.nullable(Id),
  team_name: z.nullable(z.string()),
  limit_usd: Amount,
  period: BudgetPeriod,
  period_start: Timestamp,
  limit_source: Source,
  policy: Policy,
  ...Standing,
  projected_usd: z
    .nullable(z.number())
    .meta({ description: 'At the end of the period at the pace so far; null in the first tenth of it.' }),
  status: Status,
  decided_by: z.nullable(Scope),
})

export const effectiveBudgets = route({
  method: 'GET',
  path: '/admin/budgets/effective',
  access: 'admin',
  summary: 'Which limit every person, every team and every key with a budget has, and how it stands.',
  query: EffectiveBudgetsQuery,
  responses: { 200: z.object({ budgets: z.array(EffectiveBudget), ...pageAnswer }) },
})

export const BudgetTrial = z
  .strictObject({
    scope: z.enum([...Scope.options, 'default']),
    id: Id.nullish().meta({ description: 'Of the person, the team or the key.' }),
    amount_usd: z.nullish(AmountUsd),
    period: z._default(BudgetPeriod, 'monthly'),
    policy: z.optional(BudgetPolicyWish).meta({ description: 'People have none of their own: left out of account.' }),
    default_user_budget_usd: z.nullish(AmountUsd).meta({ description: 'Of a team.' }),
  })
  .refine(({ scope, id }) => (scope === 'default') === (id == null), {
    path: ['id'],
    error: 'is needed for a person, a team and a key, and for nothing else',
  })

const PricedRules = z
  .array(z.object({ ...PolicyRule.shape, amount_usd: z.number() }))
  .meta({ description: 'Each rule with the amount from which it holds; empty without a limit.' })

/** More names than anybody reads; the counts tell the rest. */
export const MOST_NAMED = 50

const Tried = z.object({
  scope: Scope,
  id: Id,
  name: z.string(),
  limit_usd: Amount,
  spend_usd: z.number(),
  percent: Standing.percent,
  status: Status,
  decided_by: z.nullable(Scope),
  was: Status,
  is_new: z.boolean(),
})

const Struck = z.object({
  count: z.int(),
  new_count: z.int().meta({ description: 'Of those, for whom it would be new.' }),
  subjects: z
    .array(Tried)
    .meta({ description: `Those for whom it is new first, then by spend; at most ${MOST_NAMED}.` }),
})

export const BudgetPreview = z.object({
  period_start: Timestamp,
  resets_at: Timestamp,
  rules: PricedRules,
  member_rules: PricedRules.meta({ description: 'The same for what each member of the team may spend.' }),
  own: z.nullable(Tried).meta({ description: 'The person, team or key itself; null for the default.' }),
  affected: z.int().meta({ description: 'People, teams and keys without an owner whose budgets it touches.' }),
  notified: Struck,
  shaped: Struck,
  blocked: Struck,
  unlimited: Struck.meta({ description: 'Who would have no limit of their own.' }),
})

export const previewBudget = route({
  method: 'POST',
  path: '/admin/budget/preview',
  access: 'admin',
  summary: 'What would happen at once if a budget were set; nothing is changed.',
  body: BudgetTrial,
  responses: { 200: BudgetPreview, 404: AdminError },
})

export const budgetRoutes = [
  setTeamBudget,
  readDefaultBudget,
  setDefaultBudget,
  budgetStatus,
  teamOverview,
  effectiveBudgets,
  previewBudget,
] as const
