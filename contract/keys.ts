/** Virtual keys: what Claude Code shows instead of AWS credentials. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { Id, Name, Timestamp } from './fields.ts'
import { pageAnswer, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { NewSetupToken } from './setup.ts'

/** Ten thousand requests a minute is beyond any person; it keeps the number in what the counters were built for. */
const HIGHEST_RPM = 10_000

const NewKey = z.strictObject({
  name: Name.nullish(),
  user_id: Id.nullish().meta({
    description: 'Admins: the owner; null for a key without owner; absent for the caller. Ignored for members.',
  }),
  team_id: Id.nullish().meta({
    description: 'The team that pays and routes; absent follows the owner. Members: their own team only.',
  }),
  rate_limit_rpm: z
    .int()
    .min(0)
    .max(HIGHEST_RPM)
    .nullish()
    .meta({ description: 'Requests a minute; null and 0 mean no limit.' }),
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
  q: z
    .string()
    .trim()
    .max(100, 'must have at most 100 characters')
    .optional()
    .meta({ description: 'Part of name, prefix, owner or team.' }),
  status: z.enum(['active', 'expired', 'revoked', 'all']).default('all'),
  sort: z.enum(['created', 'name', 'last_used', 'spend']).default('created'),
  order: z.enum(['asc', 'desc']).default('desc'),
})

const ById = z.object({ id: Id })

export const createKey = route({
  method: 'POST',
  path: '/admin/keys',
  access: 'any',
  summary: 'Create a virtual key.',
  body: NewKey,
  responses: { 201: CreatedKey, 403: AdminError },
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

export const keyRoutes = [createKey, listKeys, revokeKey, deleteKey] as const
