/** Keys in answers. */
import type * as z from 'zod'
import type * as contract from '../../contract/keys.ts'
import type { SetBudget } from '../budgets/budget.ts'
import { isoOf } from '../platform/instant.ts'
import { exactUsd } from '../platform/money.ts'
import type { KeyRow } from './key-list.ts'

/** As it is shown: neither key nor hash. */
export const keyRow = ({
  key,
  status,
  ownerEmail,
  ownerName,
  teamName,
  usage,
}: KeyRow): z.input<typeof contract.Key> => ({
  id: key.id,
  prefix: key.prefix,
  name: key.name,
  user_id: key.userId,
  team_id: key.teamId,
  is_active: key.isActive,
  status,
  rate_limit_rpm: key.rates.rpm,
  rate_limit_tpm: key.rates.tpm,
  allowed_models: key.allowedModels === null ? null : [...key.allowedModels],
  budget: budgetRow(key.budget),
  created_at: isoOf(key.createdAt),
  expires_at: key.validUntil === null ? null : isoOf(key.validUntil),
  owner_email: ownerEmail,
  owner_name: ownerName,
  team_name: teamName,
  // Nano-dollars have nine decimals.
  spend_usd: exactUsd(usage.spent),
  last_used_at: usage.lastUsedAt === null ? null : isoOf(usage.lastUsedAt),
})

const budgetRow = ({ limit, period, rules }: SetBudget) =>
  limit === null ? null : { amount_usd: exactUsd(limit), period, policy: rules === null ? null : [...rules] }
