/** Teams: who pays, and by which endpoints requests go. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { Id, Name, Timestamp } from './fields.ts'
import { route } from './route.ts'

const NewTeam = z.strictObject({ name: Name })

export const Team = z.object({
  id: Id,
  name: z.string(),
  budget_amount_usd: z.nullable(z.number()),
  budget_period: z.enum(['daily', 'weekly', 'monthly']),
  budget_policy: z.nullable(z.array(z.unknown())),
  default_user_budget_usd: z.nullable(z.number()),
  notify_recipients: z.enum(['both', 'user', 'admin']),
  routing_strategy: z.enum(['primary_fallback', 'sticky_user', 'round_robin']),
  created_at: Timestamp,
  external_id: z.nullable(z.string()),
  display_name: z.nullable(z.string()),
  scim_managed: z.boolean(),
  idp_id: z.nullable(Id),
})

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

export const deleteTeam = route({
  method: 'DELETE',
  path: '/admin/teams/{id}',
  access: 'admin',
  summary: 'Delete a team that has neither members nor keys.',
  params: z.object({ id: Id }),
  responses: { 200: z.object({ deleted: z.literal(true) }), 404: AdminError, 409: AdminError },
})

export const teamRoutes = [createTeam, listTeams, deleteTeam] as const
