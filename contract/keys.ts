/** Virtual keys: what Claude Code shows instead of AWS credentials. */
import * as z from 'zod'
import { BudgetPeriod, BudgetWish, PolicyRule } from './budgets.ts'
import { AdminError } from './errors.ts'
import { Id, Name, Timestamp } from './fields.ts'
import { AllowedModels, RpmOrZero, Tpm } from './limits.ts'
import { pageAnswer, pageQuery, searchText } from './paging.ts'
import { route } from './route.ts'
import { NewSetupToken } from './setup.ts'

const ExpiresAt = Timestamp.meta({ description: 'From this moment on the key is refused; null: never.' })

/** What administrators may say of a key. */
const limits = {
  rate_limit_rpm: RpmOrZero.nullish(),
  rate_limit_tpm: Tpm.nullish(),
  expires_at: ExpiresAt.nullish(),
  allowed_models: AllowedModels.nullish().meta({
    description: 'null: every model that its team may use. Administrators only.',
  }),
  budget: z.nullish(BudgetWish).meta({
    description:
      'What may be spent with this key alone, beside the budgets of its owner and team. Administrators only. A key with an owner that gets a budget starts its month with what it has spent in it already; day and week begin at zero then.',
  }),
}

const NewKey = z.strictObject({
  name: Name.nullish(),
  user_id: Id.nullish().meta({
    description: 'Admins: the owner; null for a key without owner; absent for the caller. Ignored for members.',
  }),
  team_id: Id.nullish().meta({
    description: 'The team that pays and routes; absent follows the owner. Members: their own team only.',
  }),
  ...limits,
  setup: z.boolean().optional().meta({ description: 'Make a setup token along with the key, in one step.' }),
})

const CreatedKey = z.object({
  key: z.string().meta({ description: 'The raw key. It is shown this once and kept nowhere.' }),
  id: Id,
  prefix: z.string(),
  name: z.nullable(z.string()),
  created_at: Timestamp,
  setup: NewSetupToken.optional().meta({ description: 'Where it was asked for.' }),
})

export const Key = z.object({
  id: Id,
  prefix: z.string(),
  name: z.nullable(z.string()),
  user_id: z.nullable(Id),
  team_id: z.nullable(Id),
  is_active: z.boolean().meta({ description: 'false once it was revoked.' }),
  status: z.enum(['active', 'expired', 'revoked']).meta({ description: 'Only one that is active is accepted.' }),
  rate_limit_rpm: z.nullable(z.int()),
  rate_limit_tpm: z.nullable(z.int()),
  allowed_models: z.nullable(z.array(z.string())),
  budget: z.nullable(
    z.object({
      amount_usd: z.number(),
      period: BudgetPeriod,
      policy: z.nullable(z.array(PolicyRule)).meta({ description: 'null: the standard one.' }),
    }),
  ),
  created_at: Timestamp,
  expires_at: z.nullable(Timestamp),
  owner_email: z.nullable(z.string()),
  owner_name: z.nullable(z.string()),
  team_name: z.nullable(z.string()).meta({ description: 'The team that pays: its own, else that of its owner.' }),
  spend_usd: z.number().meta({ description: 'In this calendar month, UTC.' }),
  last_used_at: z
    .nullable(Timestamp)
    .meta({ description: 'null when not in this calendar month or the one before, UTC.' }),
})

export const KeysQuery = z.object({
  ...pageQuery,
  q: searchText('name, prefix, owner or team'),
  status: z.enum(['active', 'expired', 'revoked', 'all']).default('all'),
  sort: z.enum(['created', 'name', 'last_used', 'spend']).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
})

const ById = z.object({ id: Id })

const reference = (field: string) =>
  z
    .guid({
      error: ({ input }) =>
        typeof input === 'string' ? `Invalid UUID for ${field}` : `${field} must be a UUID string or null`,
    })
    .toLowerCase()
    .nullish()

const KeyChange = z.strictObject({
  name: Name.nullish(),
  user_id: reference('user_id').meta({ description: 'null: a key without owner.' }),
  team_id: reference('team_id').meta({ description: 'The team that pays and routes; null follows the owner.' }),
  ...limits,
})

/** A week: longer than any pipeline waits for its next run, short enough that two keys do not become a habit. */
const LONGEST_OVERLAP_HOURS = 168
const USUAL_OVERLAP_HOURS = 24

const RotatedKey = CreatedKey.omit({ setup: true }).extend({
  expires_at: z.nullable(Timestamp).meta({ description: 'Of the new key: what the old one had; null: never.' }),
  previous: z
    .object({ id: Id, expires_at: Timestamp })
    .meta({ description: 'The old key, and how long it is accepted.' }),
})

export const createKey = route({
  method: 'POST',
  path: '/admin/keys',
  access: 'any',
  summary: 'Create a virtual key. A person has 100 active ones at most.',
  body: NewKey,
  responses: { 201: CreatedKey, 403: AdminError, 409: AdminError },
})

export const listKeys = route({
  method: 'GET',
  path: '/admin/keys',
  access: 'any',
  summary: 'List virtual keys, by default newest first: all of them for admins, their own for members.',
  query: KeysQuery,
  responses: { 200: z.object({ keys: z.array(Key), ...pageAnswer }), 400: AdminError },
})

export const revokeKey = route({
  method: 'POST',
  path: '/admin/keys/{id}/revoke',
  access: 'any',
  summary: 'Revoke a virtual key for good; the next request with it is refused.',
  params: ById,
  responses: { 200: z.object({ revoked: z.literal(true) }), 404: AdminError },
})

export const deleteKey = route({
  method: 'DELETE',
  path: '/admin/keys/{id}',
  access: 'any',
  summary: 'Delete a virtual key. What it has spent stays on the books.',
  params: ById,
  responses: { 200: z.object({ deleted: z.literal(true) }), 404: AdminError },
})

export const changeKey = route({
  method: 'PATCH',
  path: '/admin/keys/{id}',
  access: 'admin',
  summary: 'Change a virtual key: an absent member stays as it is, null takes it away.',
  params: ById,
  body: KeyChange,
  responses: { 200: z.object({ updated: z.literal(true) }), 404: AdminError, 409: AdminError },
})

export const rotateKey = route({
  method: 'POST',
  path: '/admin/keys/{id}/rotate',
  access: 'any',
  summary:
    'Replace a virtual key: a new one with the same owner, team, limits, expiry and spent budget; the old one stays valid for a while. Asked again within that while, the new key is revoked and replaced by another.',
  params: ById,
  body: z.strictObject({
    overlap_hours: z
      .int('must be a whole number')
      .min(0, 'must be at least 0')
      .max(LONGEST_OVERLAP_HOURS, `must be at most ${LONGEST_OVERLAP_HOURS}`)
      .default(USUAL_OVERLAP_HOURS)
      .meta({ description: 'How long the old key is accepted beside the new one.' }),
  }),
  responses: { 201: RotatedKey, 404: AdminError, 409: AdminError },
})

export const keyRoutes = [createKey, listKeys, changeKey, rotateKey, revokeKey, deleteKey] as const
