/** People with an account: their role, their team, and what they may spend. */
import * as z from 'zod'
import { AmountUsd, BudgetPeriod } from './budgets.ts'
import { AdminError } from './errors.ts'
import { Id, Name, Role, TeamOrNone, Timestamp } from './fields.ts'
import { Rpm, Tpm } from './limits.ts'
import { pageAnswer, pageQuery, searchText } from './paging.ts'
import { route } from './route.ts'

/** RFC 5321, 4.5.3.1.3: a path of 256 octets, of which two are brackets. */
const LONGEST_ADDRESS = 254

const Email = z
  .string('must be an e-mail address')
  .trim()
  .max(LONGEST_ADDRESS, `must have at most ${LONGEST_ADDRESS} characters`)
  .regex(z.regexes.email, 'must be an e-mail address, such as name@example.com')

const RoleWish = z.enum(['admin', 'member'], { error: "Role must be 'admin' or 'member'" })

const NewUser = z.strictObject({
  email: Email.meta({ description: 'Kept as it is written; unique whatever its case.' }),
  team_id: Id.nullish(),
  role: RoleWish.default('member'),
  display_name: Name.nullish(),
})

const nothingYet = { description: 'null: nobody but administrators of this gateway looks after this person.' }

/** `active`: false while somebody is suspended. */
export const User = z.object({
  id: Id,
  email: z.string().meta({ description: 'An address, or the name of the administrator that the deployment brings.' }),
  team_id: z.nullable(Id),
  role: Role,
  spend_limit_monthly_usd: z
    .nullable(z.number())
    .meta({ description: 'A limit of their own, in the period of budget_period, whatever the name says.' }),
  budget_period: BudgetPeriod,
  created_at: Timestamp,
  active: z.boolean(),
  external_id: z.nullable(z.string()).meta(nothingYet),
  display_name: z.nullable(z.string()),
  given_name: z.nullable(z.string()).meta(nothingYet),
  family_name: z.nullable(z.string()).meta(nothingYet),
  scim_managed: z.boolean(),
  idp_id: z.nullable(Id).meta(nothingYet),
  rate_limit_rpm: z.nullable(z.int()),
  rate_limit_tpm: z.nullable(z.int()),
})

const EffectiveLimit = z.object({
  limit_usd: z.number(),
  period: BudgetPeriod,
  source: z.enum(['explicit', 'team', 'default']),
  source_name: z.nullable(z.string()).meta({ description: 'The team that sets it.' }),
  percent: z.number().meta({ description: 'Used up; of a limit of zero, 100.' }),
  resets_at: Timestamp,
})

export const UserRow = User.extend({
  team_name: z.nullable(z.string()),
  key_count: z.int().meta({ description: 'Keys that are not revoked.' }),
  spend_usd: z
    .number()
    .meta({ description: 'In the period of the effective limit; without one, in that of their team or the default.' }),
  effective_limit: z.nullable(EffectiveLimit).meta({
    description: 'What requests are held to: their own limit, that of their team for each member, or the default.',
  }),
  last_used_at: z
    .nullable(Timestamp)
    .meta({ description: 'null when not in this calendar month or the one before, UTC.' }),
})

export const UsersQuery = z.object({
  ...pageQuery,
  q: searchText('address, name or team'),
  team_id: TeamOrNone.optional().meta({ description: 'Members of this team; `none`: of no team.' }),
  role: z.enum(['admin', 'member', 'all']).default('all'),
  status: z.enum(['active', 'suspended', 'all']).default('all'),
  sort: z.enum(['email', 'created', 'spend', 'last_used']).default('email'),
  order: z.enum(['asc', 'desc']).default('asc'),
})

const ById = z.object({ id: Id })
const Updated = z.object({ updated: z.literal(true) })

export const createUser = route({
  method: 'POST',
  path: '/admin/users',
  access: 'admin',
  summary: 'Create a person. Addresses are unique, whatever their case.',
  body: NewUser,
  responses: { 201: User, 409: AdminError },
})

export const listUsers = route({
  method: 'GET',
  path: '/admin/users',
  access: 'admin',
  summary: 'List people, by default by address: all of them, or in pages.',
  query: UsersQuery,
  responses: { 200: z.object({ users: z.array(UserRow), ...pageAnswer }) },
})

export const changeUser = route({
  method: 'PUT',
  path: '/admin/users/{id}',
  access: 'admin',
  summary:
    'Change role, name or rate limits, suspend or reactivate. An absent member stays as it is. The last active administrator stays one.',
  params: ById,
  body: z
    .strictObject({
      role: RoleWish.optional(),
      active: z.boolean('must be true or false').optional().meta({
        description: 'false suspends: keys and sessions are refused from the next request on, until it is true again.',
      }),
      display_name: Name.nullish(),
      rate_limit_rpm: Rpm.nullish().meta({
        description: 'Requests a minute of all their keys together; null: no limit.',
      }),
      rate_limit_tpm: Tpm.nullish(),
    })
    .refine((wish) => Object.values(wish).some((one) => one !== undefined), {
      path: ['role'],
      error: "Role must be 'admin' or 'member'",
    }),
  responses: { 200: Updated, 404: AdminError, 409: AdminError },
})

export const deleteUser = route({
  method: 'DELETE',
  path: '/admin/users/{id}',
  access: 'admin',
  summary:
    'Delete a person: their keys are revoked, their sessions end, what they have spent stays on the books. If it is interrupted, ask again.',
  params: ById,
  responses: {
    200: z.object({ deleted: z.literal(true), keys_revoked: z.int(), sessions_ended: z.int() }),
    404: AdminError,
    409: AdminError,
  },
})

export const moveUser = route({
  method: 'PUT',
  path: '/admin/users/{id}/team',
  access: 'admin',
  summary:
    'Move a person to another team, or to none. What they have spent stays with the team they leave; keys with a team of their own stay there.',
  params: ById,
  body: z.strictObject({ team_id: Id.nullish().meta({ description: 'null or absent: no team.' }) }),
  responses: {
    200: Updated.extend({
      pinned_keys: z.int().meta({ description: 'Active keys of theirs that go on paying from another team.' }),
    }),
    404: AdminError,
    409: AdminError,
  },
})

export const setSpendLimit = route({
  method: 'PUT',
  path: '/admin/users/{id}/spend-limit',
  access: 'admin',
  summary: 'Set what a person may spend in a period: a limit of their own, which wins over that of their team.',
  params: ById,
  body: z.strictObject({
    limit_usd: z
      .nullable(AmountUsd)
      .meta({ description: 'Zero: nothing may be spent. null: as their team or the default says.' }),
    budget_period: z.optional(BudgetPeriod).meta({ description: 'Absent: stays as it is.' }),
  }),
  responses: { 200: Updated, 404: AdminError, 409: AdminError },
})

export const userRoutes = [createUser, listUsers, changeUser, deleteUser, moveUser, setSpendLimit] as const
