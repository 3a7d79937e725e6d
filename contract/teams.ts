/** Teams: who pays, and by which endpoints requests go. */
import * as z from 'zod'
import { BudgetPeriod, PolicyRule } from './budgets.ts'
import { BedrockOptions, BedrockOptionsWish, Endpoint } from './endpoints.ts'
import { AdminError } from './errors.ts'
import { Id, Name, Role, TeamOrNone, Timestamp } from './fields.ts'
import { Key } from './keys.ts'
import { AllowedModels } from './limits.ts'
import { route } from './route.ts'

const NewTeam = z.strictObject({ name: Name })

const RoutingStrategy = z.enum(['primary_fallback', 'sticky_user', 'round_robin'])

export const Team = z.object({
  id: Id,
  name: z.string(),
  budget_amount_usd: z.nullable(z.number()),
  budget_period: BudgetPeriod,
  budget_policy: z.nullable(z.array(PolicyRule)),
  default_user_budget_usd: z.nullable(z.number()),
  allowed_models: z
    .nullable(z.array(z.string()))
    .meta({ description: "Anthropic's undated names; null: every model." }),
  notify_recipients: z.enum(['both', 'user', 'admin']),
  routing_strategy: RoutingStrategy,
  created_at: Timestamp,
  external_id: z.nullable(z.string()),
  display_name: z.nullable(z.string()),
  scim_managed: z.boolean(),
  idp_id: z.nullable(Id),
})

const ById = z.object({ id: Id })

export const createTeam = route({
  method: 'POST',
  path: '/admin/teams',
  access: 'admin',
  summary: 'Create a team. Names are unique, whatever their case.',
  body: NewTeam,
  responses: { 201: Team, 409: AdminError },
})

export const listTeams = route({
  method: 'GET',
  path: '/admin/teams',
  access: 'admin',
  summary: 'List teams by name.',
  responses: { 200: z.object({ teams: z.array(Team) }) },
})

export const changeTeam = route({
  method: 'PATCH',
  path: '/admin/teams/{id}',
  access: 'admin',
  summary: 'Rename a team, or say which models its requests may use. An absent member stays as it is.',
  params: ById,
  body: z
    .strictObject({ name: Name.optional(), allowed_models: AllowedModels.nullish() })
    .refine(({ name, allowed_models }) => name !== undefined || allowed_models !== undefined, {
      error: 'name or allowed_models is required',
    }),
  responses: { 200: z.object({ updated: z.literal(true) }), 404: AdminError, 409: AdminError },
})

/** What refers to a team that was to be deleted. */
const TeamInUse = AdminError.extend({
  error: AdminError.shape.error.extend({
    blockers: z
      .object({ members: z.int(), keys: z.int() })
      .optional()
      .meta({ description: 'Members, and keys that are not revoked.' }),
  }),
})

export const deleteTeam = route({
  method: 'DELETE',
  path: '/admin/teams/{id}',
  access: 'admin',
  summary:
    'Delete a team. While it has members or keys that are not revoked, it is only deleted along with what is to become of them. If it is interrupted, ask again.',
  params: ById,
  query: z.object({
    move_members_to: TeamOrNone.optional().meta({ description: 'Where its members go: a team, or `none`.' }),
    revoke_keys: z.enum(['true', 'false'], { error: 'must be true or false' }).optional().meta({
      description: 'true: its keys are revoked. Those of its members that have no team of their own are not its.',
    }),
  }),
  responses: {
    200: z.object({ deleted: z.literal(true), members_moved: z.int(), keys_revoked: z.int() }),
    404: AdminError,
    409: TeamInUse,
  },
})

const Member = z.object({
  id: Id,
  email: z.string(),
  role: Role,
  active: z.boolean(),
  created_at: Timestamp,
  display_name: z.nullable(z.string()),
})

const MemberById = z.object({ id: Id, user_id: Id })

export const listMembers = route({
  method: 'GET',
  path: '/admin/teams/{id}/members',
  access: 'admin',
  summary: 'List the members of a team by address; a team that is not there has none.',
  params: ById,
  responses: { 200: z.object({ members: z.array(Member) }) },
})

export const addMember = route({
  method: 'POST',
  path: '/admin/teams/{id}/members',
  access: 'admin',
  summary: 'Move a person into a team; they leave the one they were in.',
  params: ById,
  body: z.strictObject({
    user_id: z.guid({ error: 'user_id is required' }).toLowerCase().meta({ description: 'UUID' }),
  }),
  responses: { 200: z.object({ added: z.literal(true) }), 404: AdminError, 409: AdminError },
})

export const removeMember = route({
  method: 'DELETE',
  path: '/admin/teams/{id}/members/{user_id}',
  access: 'admin',
  summary: 'Take a person out of a team; they are in none then.',
  params: MemberById,
  responses: { 204: z.undefined(), 404: AdminError, 409: AdminError },
})

export const listTeamKeys = route({
  method: 'GET',
  path: '/admin/teams/{id}/keys',
  access: 'admin',
  summary: "List the keys that are the team's own, newest first; a team that is not there has none.",
  params: ById,
  responses: { 200: z.object({ keys: z.array(Key) }) },
})

/** More than a request could try before its client gives up. */
const MOST_ENDPOINTS = 20

const TeamEndpoints = z.object({
  endpoints: z
    .array(
      Endpoint.extend({
        priority: z.int().meta({ description: "The team's own: the lower, the earlier." }),
        endpoint_priority: z.int().meta({ description: 'Of the endpoint itself; decides between equals.' }),
      }),
    )
    .meta({
      description: 'In the order in which they are tried; also those that are disabled. Empty: the default endpoint.',
    }),
  routing_strategy: RoutingStrategy,
  bedrock: BedrockOptions.meta({ description: 'Wins over what the endpoint says, member by member.' }),
  rev: z.int().meta({ description: "Of the team's routing." }),
})

const NewTeamEndpoints = z.strictObject({
  routing_strategy: RoutingStrategy.optional().meta({ description: 'Absent: stays as it is.' }),
  endpoints: z
    .array(z.strictObject({ endpoint_id: Id, priority: z.int().min(0).max(10_000).default(0) }))
    .max(MOST_ENDPOINTS)
    .meta({ description: 'The whole list; empty for the default endpoint.' }),
  bedrock: BedrockOptionsWish.nullish().meta({ description: 'All of them; absent: stays as it is; null: none.' }),
  rev: z.int().min(0).optional().meta({ description: 'The revision that was seen: 409 when it is not the last one.' }),
})

export const readTeamEndpoints = route({
  method: 'GET',
  path: '/admin/teams/{id}/endpoints',
  access: 'admin',
  summary: 'By which endpoints the requests of a team go.',
  params: ById,
  responses: { 200: TeamEndpoints, 404: AdminError },
})

export const setTeamEndpoints = route({
  method: 'PUT',
  path: '/admin/teams/{id}/endpoints',
  access: 'admin',
  summary: 'Set by which endpoints the requests of a team go, in one step.',
  params: ById,
  body: NewTeamEndpoints,
  responses: { 200: z.object({ updated: z.literal(true) }), 404: AdminError, 409: AdminError },
})

export const teamRoutes = [
  createTeam,
  listTeams,
  changeTeam,
  deleteTeam,
  listMembers,
  addMember,
  removeMember,
  listTeamKeys,
  readTeamEndpoints,
  setTeamEndpoints,
] as const
