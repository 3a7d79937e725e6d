/** A key as it stands in the form, and what of it has been changed. */

import type { Wish } from '../../api/client.ts'
import type { Key } from '../../api/people-types.ts'
import type { Period } from '../../format/budget.ts'
import { HIGHEST_RPM, HIGHEST_TPM, readAmount, readWhole, typedAmount, typedWhole } from '../../format/limits.ts'

export interface KeyDraft {
  readonly name: string
  /** Empty: nobody. */
  readonly owner: string
  /** Empty: that of the owner. */
  readonly team: string
  /** `2026-12-31`: the key is refused from the end of that day on, UTC; empty: never. */
  readonly expires: string
  readonly rpm: string
  readonly tpm: string
  /** Names with commas between them; empty: every model. */
  readonly models: string
  readonly amount: string
  readonly period: Period
  readonly policy: Policy
}

export const POLICIES = ['usual', 'standard', 'soft', 'shaped', 'own'] as const
/** `own`: rules that were written for this key; they stay as they are. */
export type Policy = (typeof POLICIES)[number]

export type KeyField =
  | 'name'
  | 'user_id'
  | 'team_id'
  | 'expires_at'
  | 'rate_limit_rpm'
  | 'rate_limit_tpm'
  | 'allowed_models'
  | 'budget'
export type KeyErrors = Readonly<Partial<Record<KeyField, string>>>
export type KeyChange = NonNullable<Wish<'PATCH /admin/keys/{id}'>['body']>

const DAY_MS = 86_400_000

export const draftOf = (key: Key): KeyDraft => ({
  name: key.name ?? '',
  owner: key.user_id ?? '',
  team: key.team_id ?? '',
  // What ends at midnight is good for the whole day before.
  expires: key.expires_at === null ? '' : new Date(Date.parse(key.expires_at) - 1).toISOString().slice(0, 10),
  rpm: typedWhole(key.rate_limit_rpm),
  tpm: typedWhole(key.rate_limit_tpm),
  models: (key.allowed_models ?? []).join(', '),
  amount: typedAmount(key.budget?.amount_usd ?? null),
  period: key.budget?.period ?? 'monthly',
  policy: key.budget === null || key.budget.policy === null ? 'usual' : 'own',
})

/** The end of a day, UTC. */
export const endOfDay = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString()

const namesIn = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '')

/** What is to be changed, or what is wrong. */
export function changesIn(key: Key, draft: KeyDraft): { readonly body: KeyChange } | { readonly errors: KeyErrors } {
  const rpm = readWhole(draft.rpm, HIGHEST_RPM)
  const tpm = readWhole(draft.tpm, HIGHEST_TPM)
  const amount = readAmount(draft.amount)
  const errors: KeyErrors = {
    ...('error' in rpm && { rate_limit_rpm: rpm.error }),
    ...('error' in tpm && { rate_limit_tpm: tpm.error }),
    ...('error' in amount && { budget: amount.error }),
  }
  if ('error' in rpm || 'error' in tpm || 'error' in amount) return { errors }
  return { body: differencesOf(key, draft, { rpm: rpm.value, tpm: tpm.value, amount: amount.value }) }
}

interface Numbers {
  readonly rpm: number | null
  readonly tpm: number | null
  readonly amount: number | null
}

function differencesOf(key: Key, draft: KeyDraft, { rpm, tpm, amount }: Numbers): KeyChange {
  const before = draftOf(key)
  const differs = (...fields: readonly (keyof KeyDraft)[]): boolean =>
    fields.some((field) => before[field] !== draft[field])
  const models = namesIn(draft.models)
  const all: Required<KeyChange> = {
    name: draft.name.trim() || null,
    user_id: draft.owner || null,
    team_id: draft.team || null,
    expires_at: draft.expires === '' ? null : endOfDay(draft.expires),
    rate_limit_rpm: rpm,
    rate_limit_tpm: tpm,
    allowed_models: models.length === 0 ? null : models,
    budget: budgetOf(key, draft, amount),
  }
  const changed: Readonly<Record<keyof KeyChange, boolean>> = {
    name: differs('name'),
    user_id: differs('owner'),
    team_id: differs('team'),
    expires_at: differs('expires'),
    rate_limit_rpm: differs('rpm'),
    rate_limit_tpm: differs('tpm'),
    allowed_models: differs('models'),
    budget: differs('amount', 'period', 'policy'),
  }
  return Object.fromEntries(Object.entries(all).filter(([member]) => changed[member as keyof KeyChange]))
}

function budgetOf(key: Key, { period, policy }: KeyDraft, amount: number | null): KeyChange['budget'] {
  if (amount === null) return null
  const rules = policy === 'own' ? (key.budget?.policy ?? null) : policy === 'usual' ? null : policy
  return { amount_usd: amount, period, policy: rules }
}
