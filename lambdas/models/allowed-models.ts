/** Which models a team or a key may use, as somebody names them. */
import { Fault } from '../platform/fault.ts'
import { readModel } from './model-names.ts'

/**
 * Under Anthropic's undated names, each once. A name of the usual form is taken although it is not known here: a model may be newer
 * than this gateway. @throws Fault `invalid_request` that names the field and what is no model
 */
export function readAllowedModels(wish: readonly string[], field = 'allowed_models'): readonly string[] {
  return [...new Set(wish.map((name) => undatedName(name.trim(), field)))]
}

function undatedName(wish: string, field: string): string {
  const name = nameOf(wish)
  if (name === null) throw new Fault('invalid_request', `${field}: "${wish.slice(0, 100)}" is not a Claude model`)
  return name
}

function nameOf(wish: string): string | null {
  try {
    return readModel(wish).name
  } catch (thrown) {
    if (thrown instanceof Fault) return null
    throw thrown
  }
}
