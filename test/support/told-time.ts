/** Timers that a test moves by hand: time is told, never slept. */
import type { Timers } from '../../lambdas/platform/timer.host.ts'

export interface ToldTime {
  readonly timers: Timers
  nowMs(): number
  /** Moves time on, firing what falls due in its order, and lets what waits for it run. */
  advance(ms: number): Promise<void>
}

interface Due {
  at: number
  readonly every: number | null
  readonly run: () => void
}

export function toldTime(): ToldTime {
  let now = 0
  const pending = new Set<Due>()
  const add = (due: Due): (() => void) => {
    pending.add(due)
    return () => pending.delete(due)
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    timers: {
      after: (ms, run) => add({ at: now + ms, every: null, run }),
      every: (ms, run) => add({ at: now + ms, every: ms, run }),
      turn: settle,
    },
    nowMs: () => now,
    async advance(ms) {
      const until = now + ms
      for (;;) {
        const [next] = [...pending].filter((due) => due.at <= until).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        now = next.at
        if (next.every === null) pending.delete(next)
        else next.at += next.every
        next.run()
        await settle()
      }
      now = until
      await settle()
    },
  }
}
