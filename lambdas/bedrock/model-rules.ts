/** What single models do not take, changed to what they do. The rules are data; this only carries them out. */
import type { JsonEdit } from '../json/json-edit.ts'
import { type Json, type Spot, spotsOf } from '../json/json-path.ts'
import { removeMember } from './remove-member.ts'
import type { ModelRule } from './translation-rules.ts'

/** @returns the paths of the rules that were applied. */
export function applyModelRules(
  rules: readonly ModelRule[],
  model: string,
  body: Json,
  edit: JsonEdit,
): readonly string[] {
  const applied = rules.filter((rule) => {
    if (!rule.models.includes(model)) return false
    const spots = spotsOf(body, rule.path).filter((spot) => isMeant(rule, spot))
    for (const spot of spots) applyTo(rule, spot, body, edit)
    if (spots.length > 0) for (const pattern of rule.without ?? []) removeMember(pattern, body, edit)
    return spots.length > 0
  })
  return [...new Set(applied.map(({ path }) => path))]
}

function isMeant({ values, max }: ModelRule, { value }: Spot): boolean {
  if (max !== undefined && !(typeof value === 'number' && value > max)) return false
  return values === undefined || values.some((one) => one === value)
}

function applyTo({ max, replaceBy, path }: ModelRule, spot: Spot, body: Json, edit: JsonEdit): void {
  if (max !== undefined) edit.replace(spot.path, JSON.stringify(max))
  else if (replaceBy !== undefined) edit.replace(spot.path, JSON.stringify(replaceBy))
  else removeMember(path, body, edit, spot)
}
