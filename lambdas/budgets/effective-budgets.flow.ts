/** Who has which limit, and how it stands: everybody, every team, and every key with a budget of its own. */
import type * as z from 'zod'
import type { EffectiveBudgetsQuery } from '../../contract/budget-routes.ts'
import { pageOf, sorted } from '../http/page.ts'
import type { Person } from '../identity/caller.ts'
import type { CursorKey } from '../identity/cursor-key.client.ts'
import type { Instant } from '../platform/instant.ts'
import { accountOf, countedOf } from './accounts.ts'
import { type EffectiveRow, matches, orderedBy } from './effective-list.ts'
import { type Everybody, readEverybody } from './everybody.flow.ts'
import type { SpentOf } from './standings.ts'
import type { BudgetListTools } from './team-overview.flow.ts'

export interface EffectivePage {
  readonly rows: readonly EffectiveRow[]
  readonly matching: number
  readonly total: number
  readonly nextCursor: string | null
}

/**
 * The whole list is read and thought over for each page, so that it can be sorted by what has been spent. For a thousand people in
 * fifty teams that is some five pages of queries and fourteen batches of counters side by side, all of small items.
 * @throws Fault `invalid_request` for a cursor of another list
 */
export async function effectiveBudgets(
  query: z.output<typeof EffectiveBudgetsQuery>,
  caller: Person,
  at: Instant,
  tools: BudgetListTools & { readonly cursorKey: CursorKey },
): Promise<EffectivePage> {
  const everybody = await readEverybody(tools.subjects)
  const listed = listedOf(everybody)
  const counted = [...listed.users, ...listed.teams, ...listed.keys].flatMap(({ holder }) =>
    countedOf(holder, everybody.shards),
  )
  const all = rowsOf(listed, await tools.spending.read(counted, at), at)
  const order = orderedBy(query.sort, query.order === 'desc')
  const found = sorted(
    all.filter((row) => matches(row, query)),
    order,
  )
  const { cursor, limit, ...asked } = query
  const scope = JSON.stringify(['budgets', caller.userId, asked])
  const page = pageOf(found, order, { cursor, limit }, { secret: await tools.cursorKey(at), scope })
  return { ...page, matching: found.length, total: all.length }
}

type Listed = Pick<Everybody, 'users' | 'teams' | 'keys'>

/** Whoever is suspended spends nothing. A key without a budget has no limit of its own to tell. */
const listedOf = ({ users, teams, keys }: Everybody): Listed => ({
  users: users.filter(({ user }) => user.active),
  teams,
  keys: keys.filter(({ key }) => key.budget.limit !== null),
})

const rowsOf = ({ users, teams, keys }: Listed, spentOf: SpentOf, at: Instant): EffectiveRow[] => [
  ...users.map(({ user, team, holder }) => ({
    subject: holder.subject,
    name: user.email,
    displayName: user.displayName,
    team,
    account: accountOf(holder, spentOf, at),
  })),
  ...teams.map(({ team, holder }) => ({
    subject: holder.subject,
    name: team.name,
    displayName: null,
    team,
    account: accountOf(holder, spentOf, at),
  })),
  ...keys.map(({ key, team, holder }) => ({
    subject: holder.subject,
    name: key.name ?? key.prefix,
    displayName: null,
    team,
    account: accountOf(holder, spentOf, at),
  })),
]
