/** A budget while somebody changes it: what is typed, what is wrong with it, and what is asked of the gateway. */
import { AmountUsd, PolicyRules } from '../../../../contract/budgets.ts'
import type { BudgetTrial, DefaultBudget, TeamRow } from '../../api/budget-types.ts'
import type { Wish } from '../../api/client.ts'
import type { Period, Rule } from '../../format/budget.ts'

export type Preset = 'standard' | 'soft' | 'shaped'
export type Recipients = 'both' | 'user' | 'admin'

export interface RuleDraft {
  /** Stays with a row whatever is done to the others. */
  readonly id: string
  readonly percent: string
  readonly action: Rule['action']
  readonly rpm: string
}

export interface BudgetDraft {
  /** Empty: no limit. */
  readonly amount: string
  readonly period: Period
  readonly policy: Preset | 'custom'
  /** Looked at where the policy is `custom`. */
  readonly rules: readonly RuleDraft[]
  /** Of a team, for each member; empty: none. */
  readonly memberAmount: string
  readonly recipients: Recipients
  /** Of the default budget. */
  readonly refusalStatus: 402 | 429
}

export type Scope = { readonly kind: 'team'; readonly team: TeamRow } | { readonly kind: 'default' }

/** What each preset is, as the gateway will store it. */
export const PRESETS: Readonly<Record<Preset, readonly Rule[]>> = {
  standard: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'block' },
  ],
  soft: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'notify' },
    { at_percent: 150, action: 'block' },
  ],
  shaped: [
    { at_percent: 80, action: 'notify' },
    { at_percent: 100, action: 'shape', shaped_rpm: 5 },
    { at_percent: 150, action: 'block' },
  ],
}

const sameRules = (one: readonly Rule[], other: readonly Rule[]): boolean =>
  one.length === other.length &&
  one.every((rule, place) => {
    const second = other[place]
    return (
      rule.at_percent === second?.at_percent &&
      rule.action === second.action &&
      (rule.action !== 'shape' || rule.shaped_rpm === second.shaped_rpm)
    )
  })

/** No policy at all is the standard one. */
export function presetOf(rules: readonly Rule[] | null): Preset | 'custom' {
  if (rules === null) return 'standard'
  return (Object.keys(PRESETS) as Preset[]).find((preset) => sameRules(PRESETS[preset], rules)) ?? 'custom'
}

const ruleDraft = ({ at_percent, action, shaped_rpm }: Rule, place: number): RuleDraft => ({
  id: `rule ${place}`,
  percent: String(at_percent),
  action,
  rpm: String(shaped_rpm ?? ''),
})

const amountText = (usd: number | null): string => {
  if (usd === null) return ''
  return Number.isInteger(usd) ? String(usd) : usd.toFixed(2)
}

interface Budget {
  readonly budget_amount_usd: number | null
  readonly budget_period: Period
  readonly budget_policy: readonly Rule[] | null
  readonly notify_recipients: Recipients
}

const draftOf = (budget: Budget, rest: Pick<BudgetDraft, 'memberAmount' | 'refusalStatus'>): BudgetDraft => ({
  amount: amountText(budget.budget_amount_usd),
  period: budget.budget_period,
  policy: presetOf(budget.budget_policy),
  rules: (budget.budget_policy ?? PRESETS.standard).map(ruleDraft),
  recipients: budget.notify_recipients,
  ...rest,
})

export const draftOfTeam = (team: TeamRow): BudgetDraft =>
  draftOf(team, { memberAmount: amountText(team.default_user_budget_usd), refusalStatus: 402 })

export const draftOfDefault = (budget: DefaultBudget): BudgetDraft =>
  draftOf(budget, { memberAmount: '', refusalStatus: budget.refusal_status })

/** Rules that nobody looks at make no difference. */
export function isSame(one: BudgetDraft, other: BudgetDraft): boolean {
  const plain = ({ rules, ...draft }: BudgetDraft) => JSON.stringify([draft, draft.policy === 'custom' ? rules : null])
  return plain(one) === plain(other)
}

/** A change of policy begins with the rules that were in sight. */
export function withPolicy(draft: BudgetDraft, policy: BudgetDraft['policy']): BudgetDraft {
  if (policy !== 'custom' || draft.policy === 'custom') return { ...draft, policy }
  return { ...draft, policy, rules: PRESETS[draft.policy].map(ruleDraft) }
}

export const MOST_RULES = 5

const FIRST_PERCENT = 80
const LAST_PERCENT = 500
const STEP = 20

/** One more, before what blocks, since nothing may come behind that. */
export function withRule(draft: BudgetDraft, id: string): BudgetDraft {
  const blocks = draft.rules.at(-1)?.action === 'block'
  const before = blocks ? draft.rules.slice(0, -1) : draft.rules
  const [low, high] = [Number(before.at(-1)?.percent ?? 0), Number(draft.rules.at(-1)?.percent ?? 0)]
  const between = Math.round((low + high) / 2)
  const next = blocks && between > low && between < high ? between : low + STEP
  const percent = String(Math.min(LAST_PERCENT, low === 0 && !blocks ? FIRST_PERCENT : next))
  return {
    ...draft,
    rules: [...before, { id, percent, action: 'notify', rpm: '' }, ...draft.rules.slice(before.length)],
  }
}

export interface RuleErrors {
  readonly percent?: string
  readonly action?: string
  readonly rpm?: string
}

export interface DraftErrors {
  readonly amount?: string
  readonly memberAmount?: string
  /** Of the policy as a whole. */
  readonly policy?: string
  /** By the id of the row. */
  readonly rules?: Readonly<Record<string, RuleErrors>>
}

/** Thousands may be parted, and a dollar sign typed along. */
const numberIn = (text: string): number => Number(text.replaceAll(/[\s,$]/g, '') || Number.NaN)
const amountIn = (text: string): number | null => (text.trim() === '' ? null : numberIn(text))

const wishedRules = (draft: BudgetDraft) =>
  draft.rules.map(({ percent, action, rpm }) => ({
    at_percent: percent.trim() === '' ? Number.NaN : Number(percent),
    action,
    ...(action === 'shape' && rpm.trim() !== '' && { shaped_rpm: Number(rpm) }),
  }))

function amountError(text: string): string | undefined {
  const amount = amountIn(text)
  if (amount === null || AmountUsd.safeParse(amount).success) return undefined
  return 'Enter 0 to 1,000,000 dollars with at most two decimals, or leave it empty for no limit.'
}

/** What the very schema of the gateway finds, in the words of this form. */
function ruleError(member: unknown, message: string): RuleErrors {
  if (member === 'action') return { action: 'Blocking has to be the last rule.' }
  if (member === 'shaped_rpm') return { rpm: 'Enter 1 to 999 requests a minute.' }
  return {
    percent: message.includes('ascending')
      ? 'Has to be more than in the rule before.'
      : 'Enter a whole number from 1 to 500.',
  }
}

function policyErrors(draft: BudgetDraft): Pick<DraftErrors, 'policy' | 'rules'> {
  if (draft.policy !== 'custom') return {}
  const issues = PolicyRules.safeParse(wishedRules(draft)).error?.issues ?? []
  const rules: Record<string, RuleErrors> = {}
  for (const { path, message } of issues) {
    const row = draft.rules[Number(path[0])]
    if (row !== undefined) rules[row.id] = { ...rules[row.id], ...ruleError(path[1], message) }
  }
  return {
    ...(draft.rules.length === 0 && { policy: 'Add at least one rule.' }),
    ...(Object.keys(rules).length > 0 && { rules }),
  }
}

export function errorsIn(draft: BudgetDraft): DraftErrors {
  const [amount, memberAmount] = [amountError(draft.amount), amountError(draft.memberAmount)]
  return {
    ...(amount !== undefined && { amount }),
    ...(memberAmount !== undefined && { memberAmount }),
    ...policyErrors(draft),
  }
}

export const hasErrors = (errors: DraftErrors): boolean => Object.keys(errors).length > 0

/** The rules that would hold, of a draft without errors. */
export const rulesIn = (draft: BudgetDraft): readonly Rule[] =>
  draft.policy === 'custom' ? wishedRules(draft) : PRESETS[draft.policy]

const policyIn = (draft: BudgetDraft) => (draft.policy === 'custom' ? wishedRules(draft) : draft.policy)

export const trialOf = (draft: BudgetDraft, scope: Scope): BudgetTrial => ({
  scope: scope.kind,
  ...(scope.kind === 'team' && { id: scope.team.team_id, default_user_budget_usd: amountIn(draft.memberAmount) }),
  amount_usd: amountIn(draft.amount),
  period: draft.period,
  policy: policyIn(draft),
})

type TeamBody = NonNullable<Wish<'PUT /admin/teams/{id}/budget'>['body']>
type DefaultBody = NonNullable<Wish<'PUT /admin/settings/default-budget'>['body']>

const bodyOf = (draft: BudgetDraft, rev: number) => ({
  budget_amount_usd: amountIn(draft.amount),
  budget_period: draft.period,
  budget_policy: policyIn(draft),
  notify_recipients: draft.recipients,
  rev,
})

export const teamBody = (draft: BudgetDraft, rev: number): TeamBody => ({
  ...bodyOf(draft, rev),
  default_user_budget_usd: amountIn(draft.memberAmount),
})

export const defaultBody = (draft: BudgetDraft, rev: number): DefaultBody => ({
  ...bodyOf(draft, rev),
  refusal_status: draft.refusalStatus,
})

const CHANGES: readonly (readonly [keyof BudgetDraft, string])[] = [
  ['amount', 'amount'],
  ['period', 'period'],
  ['policy', 'rules'],
  ['rules', 'rules'],
  ['memberAmount', 'limit for each member'],
  ['recipients', 'who is told'],
  ['refusalStatus', 'status of a refusal'],
]

/** What is not saved yet, in words. */
export function changesIn(before: BudgetDraft, after: BudgetDraft): readonly string[] {
  const changed = CHANGES.filter(([member]) =>
    member === 'rules'
      ? after.policy === 'custom' && JSON.stringify(before.rules) !== JSON.stringify(after.rules)
      : before[member] !== after[member],
  )
  return [...new Set(changed.map(([, word]) => word))]
}
