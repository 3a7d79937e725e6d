/** A virtual key as it lies in the Core table: under its hash, and a pointer from its id to that hash. */
import * as z from 'zod'
import { budgetAttributes, readBudget } from '../budgets/budget-attributes.ts'
import { rateAttributes, readRateLimits } from '../budgets/rate-limits.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { KEYS_LIST, keysOfTeam, keysOfUser, virtualKeyByIdKey, virtualKeyKey } from '../table/core-keys.ts'
import type { VirtualKey } from './virtual-key.ts'

/** Where the lists of all, of a team and of an owner find it; `undefined` where it is in no such list. */
const placesOf = (key: VirtualKey): Record<string, string | undefined> => {
  const order = `${isoOf(key.createdAt)}#${key.id}`
  const { teamId, userId } = key
  return {
    GSI1PK: KEYS_LIST,
    GSI1SK: order,
    GSI2PK: teamId === null ? undefined : keysOfTeam(teamId),
    GSI2SK: teamId === null ? undefined : order,
    GSI3PK: userId === null ? undefined : keysOfUser(userId),
    GSI3SK: userId === null ? undefined : order,
  }
}

/** All that may change of a key in its life. */
export const changeableAttributes = (key: VirtualKey): Record<string, unknown> => ({
  ...placesOf(key),
  name: key.name,
  user_id: key.userId,
  team_id: key.teamId,
  owner_team_id: key.ownerTeamId,
  ...rateAttributes(key.rates),
  ...budgetAttributes(key.budget),
  allowed_models: key.allowedModels,
  // Not `expires_at`: that is the table's TTL attribute, and a key that is over stays to be seen.
  valid_until: key.validUntil === null ? null : isoOf(key.validUntil),
})

export const itemOf = (key: VirtualKey): Record<string, unknown> => ({
  ...virtualKeyKey(key.hash),
  ...changeableAttributes(key),
  id: key.id,
  key_prefix: key.prefix,
  is_active: key.isActive,
  created_at: isoOf(key.createdAt),
  rev: 1,
})

export const pointerOf = (key: VirtualKey): Record<string, unknown> => ({
  ...virtualKeyByIdKey(key.id),
  key_hash: key.hash,
})

const KeyItem = z.object({
  PK: z.string(),
  id: z.string(),
  key_prefix: z.string(),
  name: z.string().nullish(),
  user_id: z.string().nullish(),
  team_id: z.string().nullish(),
  owner_team_id: z.string().nullish(),
  is_active: z.boolean().default(false),
  allowed_models: z.array(z.string()).nullish(),
  valid_until: z.string().nullish(),
  created_at: z.string(),
})

export function readKey(item: Record<string, unknown>): VirtualKey {
  const key = KeyItem.parse(item)
  return {
    id: key.id,
    hash: key.PK.slice(virtualKeyKey('').PK.length),
    prefix: key.key_prefix,
    name: key.name ?? null,
    userId: key.user_id ?? null,
    teamId: key.team_id ?? null,
    ownerTeamId: key.owner_team_id ?? null,
    isActive: key.is_active,
    rates: readRateLimits(item),
    budget: readBudget(item),
    allowedModels: key.allowed_models ?? null,
    validUntil: key.valid_until == null ? null : instant(Date.parse(key.valid_until)),
    createdAt: instant(Date.parse(key.created_at)),
  }
}
