/** Budgets of teams and the default one, written along with who set them. */
import { type AuditEntry, auditPut } from '../audit/audit-entry.ts'
import { budgetSettingsKey, teamKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { type TransactionItems, transact, type Waiting } from '../table/transaction.store.ts'
import { budgetAttributes } from './budget-attributes.ts'
import { budgetSettingsAttributes, type WrittenSettings } from './budget-settings.ts'
import type { TeamBudget } from './subjects.ts'

export interface BudgetStore {
  /** @param seen The revision that was read. False where it is another by now, or the team is gone. */
  setTeam(id: string, budget: TeamBudget, seen: number, audit: AuditEntry): Promise<boolean>
  setSettings(settings: WrittenSettings, seen: number, audit: AuditEntry): Promise<boolean>
}

export interface BudgetTables {
  readonly core: string
  readonly events: string
}

export function openBudgets(documents: Documents, tables: BudgetTables, waiting: Waiting): BudgetStore {
  const write = async (item: TransactionItems[number], audit: AuditEntry): Promise<boolean> =>
    (await transact(documents, [item, auditPut(tables.events, audit)], audit.id, waiting)).done
  return {
    setTeam: (id, budget, seen, audit) => write({ Update: teamUpdate(tables.core, id, budget, seen) }, audit),
    setSettings: (settings, seen, audit) => write({ Put: settingsPut(tables.core, settings, seen) }, audit),
  }
}

/** Nothing else of the team is touched: its name and its routing have revisions of their own, or none. */
function teamUpdate(
  TableName: string,
  id: string,
  { budget, memberLimit, notifyRecipients }: TeamBudget,
  seen: number,
) {
  const attributes = {
    ...budgetAttributes(budget),
    default_user_budget_nano: memberLimit,
    notify_recipients: notifyRecipients,
  }
  const names = Object.keys(attributes)
  return {
    TableName,
    Key: teamKey(id),
    UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')} ADD budget_rev :one`,
    ConditionExpression:
      seen === 0 ? 'attribute_exists(PK) AND attribute_not_exists(budget_rev)' : 'budget_rev = :seen',
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
      ':one': 1,
      ...(seen !== 0 && { ':seen': seen }),
    },
  }
}

const settingsPut = (TableName: string, settings: WrittenSettings, seen: number) => ({
  TableName,
  Item: { ...budgetSettingsKey, ...budgetSettingsAttributes(settings), rev: seen + 1 },
  ...(seen === 0
    ? { ConditionExpression: 'attribute_not_exists(rev)' }
    : { ConditionExpression: 'rev = :seen', ExpressionAttributeValues: { ':seen': seen } }),
})
