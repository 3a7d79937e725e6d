/** Members taken out by a pattern. An object that has nothing left goes too: Bedrock refuses an empty `output_config` like a full one. */
import type { JsonEdit, Path } from '../json/json-edit.ts'
import { isJsonObject, type Json, type Spot, spotsOf } from '../json/json-path.ts'

/** @param only One of the spots that the pattern means; absent: all of them. @returns whether there was anything. */
export function removeMember(pattern: string, body: Json, edit: JsonEdit, only?: Spot): boolean {
  const spots = only === undefined ? spotsOf(body, pattern) : [only]
  for (const { path } of spots) {
    edit.remove(path)
    removeIfEmpty(path.slice(0, -1), body, edit)
  }
  return spots.length > 0
}

function removeIfEmpty(path: Path, body: Json, edit: JsonEdit): void {
  // Elements of arrays are tools, messages and blocks: they stay whatever they have lost.
  if (typeof path.at(-1) !== 'string') return
  const owner = valueAt(body, path)
  if (isJsonObject(owner) && Object.keys(owner).every((name) => edit.isRemoved([...path, name]))) edit.remove(path)
}

const valueAt = (body: Json, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (isJsonObject(value) || Array.isArray(value) ? (value as Json)[step] : undefined),
    body,
  )
