/** The gateway's clock on this machine. It runs with the real one, and a test may move it. */
export interface LocalClock {
  now(): Date
  set(at: Date): void
  advance(ms: number): void
}

export function createClock(): LocalClock {
  let ahead = 0
  return {
    now: () => new Date(Date.now() + ahead),
    set: (at) => {
      ahead = at.getTime() - Date.now()
    },
    advance: (ms) => {
      ahead += ms
    },
  }
}
