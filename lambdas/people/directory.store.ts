/** Names of people and teams for whoever shows their ids. */
import * as z from 'zod'
import { readItems } from '../table/batch-read.store.ts'
import { teamKey, userKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'

export interface KnownPerson {
  readonly email: string
  readonly displayName: string | null
  readonly teamId: string | null
}

export interface Directory {
  /** Who is gone is absent. */
  people(ids: Iterable<string>): Promise<ReadonlyMap<string, KnownPerson>>
  /** Team id → name. */
  teams(ids: Iterable<string>): Promise<ReadonlyMap<string, string>>
}

const UserItem = z.object({
  id: z.string(),
  email: z.string(),
  display_name: z.string().nullish(),
  team_id: z.string().nullish(),
})
const TeamItem = z.object({ id: z.string(), name: z.string() })

export function openDirectory(documents: Documents, coreTable: string): Directory {
  return {
    async people(ids) {
      const items = await readItems(documents, coreTable, [...new Set(ids)].map(userKey))
      return new Map(
        items.map((item) => {
          const { id, email, display_name, team_id } = UserItem.parse(item)
          return [id, { email, displayName: display_name ?? null, teamId: team_id ?? null }]
        }),
      )
    },
    async teams(ids) {
      const items = await readItems(documents, coreTable, [...new Set(ids)].map(teamKey))
      return new Map(items.map((item) => TeamItem.parse(item)).map(({ id, name }) => [id, name]))
    },
  }
}
