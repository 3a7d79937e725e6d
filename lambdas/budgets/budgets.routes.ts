/** `/admin/budget`, `/admin/budgets`, and where else the control plane tells of budgets. */
import * as contract from '../../contract/budget-routes.ts'
import { type Operation, operation } from '../http/operation.ts'
import type { CursorKey } from '../identity/cursor-key.client.ts'
import { usdOrNull } from '../platform/money.ts'
import { effectiveRow, overviewRow, policyRow, previewRow, statusRow } from './budget-rows.ts'
import { usualOf } from './budget-settings.ts'
import { budgetStatus, type StatusTools } from './budget-status.flow.ts'
import { effectiveBudgets } from './effective-budgets.flow.ts'
import { previewBudget } from './preview-budget.flow.ts'
import { type SetBudgetTools, setDefaultBudget, setTeamBudget } from './set-budgets.flow.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import { teamOverview } from './team-overview.flow.ts'

export type BudgetTools = SetBudgetTools &
  StatusTools & { readonly subjects: BudgetSubjects; readonly cursorKey: CursorKey }

export function budgetOperations(tools: BudgetTools): readonly Operation[] {
  return [
    operation(contract.setTeamBudget)(async ({ params, body, ...request }) => ({
      status: 200,
      body: { updated: true, rev: await setTeamBudget(params.id, body, request, tools) },
    })),
    operation(contract.readDefaultBudget)(async () => {
      const [{ settings, rev }, count] = await Promise.all([
        tools.subjects.settings(),
        tools.subjects.countWithoutTeam(),
      ])
      const usual = usualOf(settings)
      return {
        status: 200,
        body: {
          budget_amount_usd: usdOrNull(usual.limit),
          budget_period: usual.period,
          budget_policy: policyRow(usual.rules),
          notify_recipients: settings.notifyRecipients,
          affected_user_count: count,
          refusal_status: settings.refusalStatus,
          rev,
        },
      }
    }),
    operation(contract.setDefaultBudget)(async ({ body, ...request }) => ({
      status: 200,
      body: { updated: true, rev: await setDefaultBudget(body, request, tools) },
    })),
    operation(contract.budgetStatus)(async ({ caller, at }) => ({
      status: 200,
      body: statusRow(caller.email, await budgetStatus(caller, at, tools)),
    })),
    operation(contract.teamOverview)(async ({ at }) => ({
      status: 200,
      body: { teams: (await teamOverview(at, tools)).map(overviewRow) },
    })),
    operation(contract.effectiveBudgets)(async ({ query, caller, at }) => {
      const { rows, matching, total, nextCursor } = await effectiveBudgets(query, caller, at, tools)
      const budgets = rows.map((row) => effectiveRow(row, at))
      return { status: 200, body: { budgets, matching, total, next_cursor: nextCursor } }
    }),
    operation(contract.previewBudget)(async ({ body, at }) => ({
      status: 200,
      body: previewRow(await previewBudget(body, at, tools), at),
    })),
  ]
}
