/** Values of a parsed document that a pattern means: names of members, and `*` for each element of an array (`tools.*.strict`). */
import type { Path, Step } from './json-edit.ts'

export type Json = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member of its own: what every object brings along (`constructor`) is none. */
export const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** A list that is a member; none where it is something else. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name)
  return Array.isArray(list) ? list : []
}

/** UTF-8 as a JSON object; `null` where it is none. */
export function parseObject(utf8: Uint8Array): Json | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString('utf8'))
    return isJsonObject(parsed) ? parsed : null
  } catch {
    return null
  }
}

export interface Spot {
  readonly path: Path
  readonly value: unknown
}

export function spotsOf(document: unknown, pattern: string): readonly Spot[] {
  const found: Spot[] = []
  collect(document, pattern.split('.'), [], found)
  return found
}

/** In depth, so that of a list of a million elements only those are kept that lead somewhere. @param path Where `value` stands. */
function collect(value: unknown, steps: readonly string[], path: Step[], found: Spot[]): void {
  const step = steps[path.length]
  if (step === undefined) {
    found.push({ path: [...path], value })
    return
  }
  if (step === '*') {
    if (!Array.isArray(value)) return
    for (let place = 0; place < value.length; place++) into(place, value[place], steps, path, found)
  } else if (isJsonObject(value) && Object.hasOwn(value, step)) into(step, value[step], steps, path, found)
}

function into(step: Step, value: unknown, steps: readonly string[], path: Step[], found: Spot[]): void {
  path.push(step)
  collect(value, steps, path, found)
  path.pop()
}
