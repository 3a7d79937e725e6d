/** The list of people: found, sorted, cut into pages, and each with how they stand. */
import type * as z from 'zod'
import type { UsersQuery } from '../../contract/users.ts'
import { usualOf } from '../budgets/budget-settings.ts'
import type { BudgetSubjects } from '../budgets/subjects.store.ts'
import { type Ordered, pageOf, sorted } from '../http/page.ts'
import type { Person } from '../identity/caller.ts'
import type { CursorKey } from '../identity/cursor-key.client.ts'
import type { KeyStore } from '../keys/keys.store.ts'
import type { Instant } from '../platform/instant.ts'
import type { AccountStore } from './accounts.store.ts'
import type { TeamStore } from './teams.store.ts'
import type { UserFigures } from './user-figures.store.ts'
import {
  byAddress,
  byCreation,
  byFigure,
  type Figures,
  figuresOf,
  type ListedUser,
  matches,
  type UserRow,
} from './user-list.ts'

export interface UserListTools {
  readonly accounts: Pick<AccountStore, 'list'>
  readonly teams: Pick<TeamStore, 'list'>
  readonly keys: Pick<KeyStore, 'listAll'>
  readonly figures: UserFigures
  readonly budgets: Pick<BudgetSubjects, 'settings'>
  readonly cursorKey: CursorKey
}

export interface UserPage {
  readonly rows: readonly UserRow[]
  readonly matching: number
  readonly total: number
  readonly nextCursor: string | null
}

/**
 * The whole list is read and thought over here, because it is small (ten thousand people are five megabytes). Their counters are not
 * read before it is known whose, unless the order is by them. @throws Fault `invalid_request` for a cursor of another list
 */
export async function listUsers(
  query: z.output<typeof UsersQuery>,
  caller: Person,
  at: Instant,
  tools: UserListTools,
): Promise<UserPage> {
  const [users, teams] = await Promise.all([tools.accounts.list(), tools.teams.list()])
  const teamsById = new Map(teams.map((team) => [team.id, team]))
  const found = users
    .map((user): ListedUser => ({ user, team: teamsById.get(user.teamId ?? '') ?? null }))
    .filter((row) => matches(row, query))
  const { cursor, limit, ...asked } = query
  const scope = { secret: await tools.cursorKey(at), scope: JSON.stringify(['users', caller.userId, asked]) }
  const cut = <Row>(rows: readonly Row[], order: Ordered<Row>) =>
    pageOf(sorted(rows, order), order, { cursor, limit }, scope)
  const { sort } = query
  const descending = query.order === 'desc'
  const counts = { matching: found.length, total: users.length }
  if (sort === 'spend' || sort === 'last_used') {
    const { rows, nextCursor } = cut(await withFigures(found, at, tools), byFigure(sort, descending))
    return { rows: await withKeyCounts(rows, tools), nextCursor, ...counts }
  }
  const { rows, nextCursor } = cut(found, sort === 'email' ? byAddress(descending) : byCreation(descending))
  return { rows: await withKeyCounts(await withFigures(rows, at, tools), tools), nextCursor, ...counts }
}

async function withFigures(rows: readonly ListedUser[], at: Instant, { figures, budgets }: UserListTools) {
  const [{ settings }, counters] = await Promise.all([
    budgets.settings(),
    figures.counters(
      rows.map(({ user }) => user),
      at,
    ),
  ])
  const usual = usualOf(settings)
  return rows.map((row) => ({ ...row, ...figuresOf(row, usual, counters.get(row.user.id) ?? [], at) }))
}

async function withKeyCounts(rows: readonly (ListedUser & Figures)[], { keys }: UserListTools): Promise<UserRow[]> {
  if (rows.length === 0) return []
  const active = (await keys.listAll()).filter(({ isActive }) => isActive)
  const owned = Map.groupBy(active, ({ userId }) => userId)
  return rows.map((row) => ({ ...row, keyCount: owned.get(row.user.id)?.length ?? 0 }))
}
