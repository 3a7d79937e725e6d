/** Values of a parsed document that a pattern means: names of members, and `*` for each element of an array (`tools.*.strict`). */
import type { Path, Step } from './json-edit.ts'

export type Json = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member of its own: what every object brings along (`constructor`) is none. */
export const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

export interface Spot {
  readonly path: Path
  readonly value: unknown
}

export function spotsOf(document: unknown, pattern: string): readonly Spot[] {
  let spots: Spot[] = [{ path: [], value: document }]
  for (const step of pattern.split('.')) spots = spots.flatMap((spot) => stepInto(spot, step))
  return spots
}

function stepInto({ path, value }: Spot, step: string): Spot[] {
  if (step === '*')
    return Array.isArray(value) ? value.map((one, place) => ({ path: [...path, place], value: one })) : []
  if (!isJsonObject(value) || !Object.hasOwn(value, step)) return []
  return [{ path: [...path, step satisfies Step], value: value[step] }]
}
