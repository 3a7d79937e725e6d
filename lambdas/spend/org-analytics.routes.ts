/** `/admin/analytics/org`, and the exports. */
import * as contract from '../../contract/org-analytics.ts'
import { type Operation, operation } from '../http/operation.ts'
import { rowOf } from '../people/teams.routes.ts'
import type { TeamStore } from '../people/teams.store.ts'
import { Fault } from '../platform/fault.ts'
import { type Export, type ExportTools, exportRequests } from './export-requests.flow.ts'
import { type OrgTools, orgActivity, orgModels, orgOverview, orgSpend, orgTools } from './org-analytics.flow.ts'
import { type TeamAnalyticsTools, teamUsers } from './team-analytics.flow.ts'

interface Tools extends OrgTools, ExportTools, Omit<TeamAnalyticsTools, 'subjects' | 'hours'> {
  readonly team: Pick<TeamStore, 'find'>
  readonly subjects: OrgTools['subjects'] & TeamAnalyticsTools['subjects']
}

export function orgAnalyticsOperations(tools: Tools): readonly Operation[] {
  return [
    operation(contract.orgOverview)(async ({ query, at }) => ({
      status: 200,
      body: await orgOverview(query, at, tools),
    })),
    operation(contract.orgSpend)(async ({ query, at }) => ({ status: 200, body: await orgSpend(query, at, tools) })),
    operation(contract.orgActivity)(async ({ query, at }) => ({
      status: 200,
      body: await orgActivity(query, at, tools),
    })),
    operation(contract.orgModels)(async ({ query, at }) => ({ status: 200, body: await orgModels(query, at, tools) })),
    operation(contract.orgTools)(async ({ query, at }) => ({ status: 200, body: await orgTools(query, at, tools) })),
    operation(contract.spendExport)(async ({ query, at }) =>
      downloadOf('ccag-spend', await exportRequests('spend', query, at, tools)),
    ),
    operation(contract.orgExport)(async ({ query, at }) =>
      downloadOf('ccag-org-spend', await exportRequests('org', query, at, tools)),
    ),
    operation(contract.teamAnalytics)(async ({ params, at }) => {
      const team = await tools.team.find(params.id)
      if (team === undefined) throw new Fault('not_found', 'Team not found')
      return { status: 200, body: { team: rowOf(team), users: await teamUsers(team.id, at, tools) } }
    }),
  ]
}

const downloadOf = (name: string, { days, body }: Export) => ({
  status: 200 as const,
  body,
  headers: { 'content-disposition': `attachment; filename="${name}-${days}d.csv"` },
})
