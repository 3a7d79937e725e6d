/** The models that endpoints offer, each once, and those of their variants that are known to work. */
import type { Thing } from '../bedrock/learned.ts'
import { nameOfBedrockId } from '../models/model-names.ts'
import type { RoutedEndpoint } from './routing.ts'

export interface OfferedModel {
  readonly id: string
  /** Anthropic's undated name. */
  readonly name: string
  /** What the variant is told apart by, for people. */
  readonly variant: string | null
}

/** Suffix of a name → the flag that it stands for. */
export const VARIANTS = [{ suffix: '[1m]', beta: 'context-1m-2025-08-07', label: '1M context' }] as const

/**
 * Bare names first, then variants, each by name.
 * @param takes Whether it is known, not only supposed, that the endpoint takes it for the model.
 */
export function offeredModels(
  endpoints: readonly RoutedEndpoint[],
  takes: (endpoint: RoutedEndpoint, model: string, thing: Thing) => boolean,
): readonly OfferedModel[] {
  const names = [...new Set(endpoints.flatMap(namesAt))].sort()
  const variants = VARIANTS.flatMap(({ suffix, beta, label }) =>
    names
      .filter((name) => endpoints.some((one) => namesAt(one).includes(name) && takes(one, name, `beta:${beta}`)))
      .map((name): OfferedModel => ({ id: `${name}${suffix}`, name, variant: label })),
  )
  return [
    ...names.map((name) => ({ id: name, name, variant: null })),
    ...variants.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  ]
}

export function namesAt({ routingPrefix, profiles, applicationProfiles }: RoutedEndpoint): readonly string[] {
  const own = (profiles ?? []).filter((id) => id.startsWith(`${routingPrefix}.`))
  return [...own.flatMap((id) => nameOfBedrockId(id) ?? []), ...applicationProfiles.keys()]
}

/** Whether what an endpoint was found to offer is what was known of it; nothing was known is not the same as nothing offered. */
export const sameProfiles = (known: readonly string[] | null, found: readonly string[]): boolean =>
  known !== null && known.length === found.length && found.every((id) => known.includes(id))
