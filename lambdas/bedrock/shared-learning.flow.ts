/** What other environments have learnt, read when this one begins and now and then. Nobody waits for it but the first request. */
import { addMs, type Instant } from '../platform/instant.ts'
import type { LearnedStore } from './learned.store.ts'
import type { LearnedMemory } from './learned.ts'

export interface SharedLearning {
  /** Reads if it is time to, in the background. */
  refresh(at: Instant): void
  /** Resolves when this environment knows what others knew when it began. Never rejects: what is not known is learnt anew. */
  begun(): Promise<void>
}

/** What one environment learns costs the others a repeat each until then; a query a minute costs less. */
const EVERY_MS = 60_000

export function shareLearning(store: Pick<LearnedStore, 'all'>, memory: LearnedMemory): SharedLearning {
  let first: Promise<void> | undefined
  let nextAt = Number.NEGATIVE_INFINITY
  const read = async (at: Instant): Promise<void> => {
    try {
      for (const learned of await store.all(at)) memory.noteShared(learned)
    } catch {
      // The next minute asks again.
    }
  }
  return {
    refresh(at) {
      if (at < nextAt) return
      nextAt = addMs(at, EVERY_MS)
      const reading = read(at)
      first ??= reading
    },
    begun: async () => await first,
  }
}
