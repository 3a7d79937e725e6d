/** What the pages of administrators about people read. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { call, type Wish } from './client.ts'

export type MembersQuery = NonNullable<Wish<'GET /admin/users'>['query']>

export const membersQuery = (query: MembersQuery) =>
  queryOptions({
    queryKey: ['members', query],
    queryFn: ({ signal }) => call('GET /admin/users', { query, signal }),
    placeholderData: (before) => before,
  })

/** After a change of somebody: of their keys the owner, the team and what is accepted is shown too. */
export async function readPeopleAnew(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['members'] }),
    queries.invalidateQueries({ queryKey: ['keys'] }),
    queries.invalidateQueries({ queryKey: ['me'] }),
    queries.invalidateQueries({ queryKey: ['budgets'] }),
    queries.invalidateQueries({ queryKey: ['own-budget'] }),
  ])
}
