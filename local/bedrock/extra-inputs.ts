/** Where a body has a member that it must not have, told as Bedrock tells it: with the kind of each object on the way. */
import type { Json } from './validation.ts'

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * @param member A path with `*` for every place of a list: `tools.*.defer_loading`.
 * @returns the first one's path: `tools.0.custom.defer_loading`; `undefined` when there is none.
 */
export const findExtra = (body: Json, member: string): string | undefined => find(body, member.split('.'), [])

function find(value: unknown, [segment, ...rest]: readonly string[], at: readonly string[]): string | undefined {
  if (segment === undefined) return at.join('.')
  if (segment === '*') {
    if (!Array.isArray(value)) return undefined
    for (const [place, item] of value.entries()) {
      const found = find(item, rest, [...at, String(place)])
      if (found !== undefined) return found
    }
    return undefined
  }
  return isObject(value) && segment in value ? find(value[segment], rest, [...kindOf(value, at), segment]) : undefined
}

/** The path of an object, and its kind where it is one of several. Blocks of `system` are of one kind. */
export function kindOf(value: Json, at: readonly string[]): readonly string[] {
  if (at.length === 0 || (at.length === 2 && at[0] === 'system')) return at
  if (typeof value.type === 'string') return [...at, value.type]
  return at.length === 2 && at[0] === 'tools' ? [...at, 'custom'] : at
}
