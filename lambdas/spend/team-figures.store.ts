/** Teams with what their figures need: budgets, members, and over how many items their counters are spread. */
import * as z from 'zod'
import { FIRST_TEAM_SHARDS, FIRST_USER_SHARDS } from '../admission/allowance.ts'
import type { SetBudget } from '../budgets/budget.ts'
import { readBudget } from '../budgets/budget-attributes.ts'
import type { User } from '../people/user.ts'
import { readUser } from '../people/users.store.ts'
import { membersOfTeam, TEAMS_LIST } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readIndex } from '../table/query-all.store.ts'

export interface BudgetedTeam {
  readonly id: string
  readonly name: string
  readonly budget: SetBudget
  readonly shards: number
}

export interface Member {
  readonly user: User
  readonly shards: number
}

export interface TeamFigureStore {
  /** By name. */
  teams(): Promise<readonly BudgetedTeam[]>
  /** By e-mail. */
  members(teamId: string): Promise<readonly Member[]>
}

const TeamItem = z.object({
  id: z.string(),
  name: z.string(),
  counter_shards: z.int().default(FIRST_TEAM_SHARDS),
})
const MemberItem = z.object({ counter_shards: z.int().default(FIRST_USER_SHARDS) })

export const openTeamFigures = (documents: Documents, coreTable: string): TeamFigureStore => ({
  async teams() {
    const items = await readIndex(documents, coreTable, 'GSI1', TEAMS_LIST)
    return items.map((item) => {
      const { id, name, counter_shards } = TeamItem.parse(item)
      return { id, name, budget: readBudget(item), shards: counter_shards }
    })
  },
  async members(teamId) {
    const items = await readIndex(documents, coreTable, 'GSI2', membersOfTeam(teamId))
    return items.map((item) => ({ user: readUser(item), shards: MemberItem.parse(item).counter_shards }))
  },
})
