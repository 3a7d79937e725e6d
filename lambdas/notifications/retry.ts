/** When an event is tried again. */
import { addMs, type Instant } from '../platform/instant.ts'

/** Longer than a deployment of the receiver takes, or a moment in which it is overloaded. */
const FIRST_MS = 30_000
/** Once an hour costs nobody anything, and no event waits longer than that once its destination is back. */
const LONGEST_MS = 3_600_000

/**
 * Doubling: 30 s, 1, 2, 4, 8, 16, 32 minutes, then each hour, until the three days are over that the event has (`give_up_at`).
 * @param attempts That have failed, at least 1. @param chance 0 up to 1: what failed together must not come back together.
 */
export function nextAttemptAt(attempts: number, now: Instant, chance: number): Instant {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1))
  return addMs(now, Math.round(longest * (0.5 + chance / 2)))
}

/** Three days: a destination that broke on a Friday evening is mended on Monday. */
export const TRIED_MS = 3 * 86_400_000
