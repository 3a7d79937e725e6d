/** Budgets and those they hold for, in words. */
import type { BudgetPreview } from '../../api/budget-types.ts'
import { percentOfLimit } from '../../format/budget.ts'

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

export const percentWords = (percent: number): string => `${percentOfLimit(percent)} of the limit`

/** Whom a budget holds for. */
export function inPeople({ affected, own }: Pick<BudgetPreview, 'affected' | 'own'>): string {
  const others = own === null ? affected : affected - 1
  if (others === 0) return 'nobody yet'
  if (own?.scope === 'team') return `holds for ${plural(others, 'person or key', 'people and keys')}`
  return plural(others, 'person', 'people')
}

/** `ada@example.com`, `ada@example.com and bob@example.com`, `ada@example.com, bob@example.com and 3 more` */
export function named(names: readonly string[], count: number): string {
  const shown = names.slice(0, count > 3 ? 2 : 3)
  const rest = count - shown.length
  const parts = rest > 0 ? [...shown, `${rest.toLocaleString('en-US')} more`] : shown
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
