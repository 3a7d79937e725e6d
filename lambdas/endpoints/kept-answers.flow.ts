/** Answers that are good for a while, kept by this environment. A failure is told to whoever asked, and not kept. */
import { addMs, type Instant } from '../platform/instant.ts'

export type KeptAnswers<T> = (key: string, at: Instant, ask: () => Promise<T>) => Promise<T>

export function keepAnswers<T>(forMs: number): KeptAnswers<T> {
  const kept = new Map<string, { readonly value: T; readonly until: Instant }>()
  return async (key, at, ask) => {
    const known = kept.get(key)
    if (known !== undefined && known.until > at) return known.value
    const value = await ask()
    for (const [other, { until }] of kept) if (until <= at) kept.delete(other)
    kept.set(key, { value, until: addMs(at, forMs) })
    return value
  }
}
