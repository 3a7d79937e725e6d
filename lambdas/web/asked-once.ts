/** Identical questions are put once: those that run at the same time share an answer, and one that was given is remembered for a while. */
import { createRecentlyUsed } from '../platform/recently-used.ts'

/** Somebody who asks again goes over the same ground; news is not older than what engines call new. */
const REMEMBERED_MS = 5 * 60_000
/** Twenty hits at their longest are some 60 kB: 12 MB at worst. */
const MOST_REMEMBERED = 200

export interface AskedOnce<Answer> {
  /**
   * @param ask Is called off when nobody waits for it any more.
   * @param ended What is answered to somebody who is gone.
   * @returns `first`: it was asked on behalf of this caller.
   */
  ask(wish: {
    readonly key: string
    readonly signal: AbortSignal
    readonly ended: Answer
    ask(signal: AbortSignal): Promise<Answer>
  }): Promise<{ readonly answer: Answer; readonly first: boolean }>
}

interface Flight<Answer> {
  readonly answer: Promise<Answer>
  readonly ending: AbortController
  waiting: number
}

/** @param isKept Whether an answer is worth remembering. */
export function createAskedOnce<Answer>(nowMs: () => number, isKept: (answer: Answer) => boolean): AskedOnce<Answer> {
  const remembered = createRecentlyUsed<{ readonly answer: Answer; readonly until: number }>(MOST_REMEMBERED)
  const flights = new Map<string, Flight<Answer>>()

  const begin = (key: string, ask: (signal: AbortSignal) => Promise<Answer>): Flight<Answer> => {
    const ending = new AbortController()
    const answer = ask(ending.signal)
      .then((given) => {
        if (isKept(given)) remembered.set(key, { answer: given, until: nowMs() + REMEMBERED_MS })
        return given
      })
      .finally(() => {
        if (flights.get(key) === flight) flights.delete(key)
      })
    const flight: Flight<Answer> = { answer, ending, waiting: 0 }
    flights.set(key, flight)
    return flight
  }
  const leave = (key: string, flight: Flight<Answer>): void => {
    flight.waiting--
    if (flight.waiting > 0) return
    flight.ending.abort()
    if (flights.get(key) === flight) flights.delete(key)
  }
  return {
    ask({ key, signal, ended, ask }) {
      const known = remembered.get(key)
      if (known !== undefined && known.until > nowMs()) return Promise.resolve({ answer: known.answer, first: false })
      const running = flights.get(key)
      const flight = running ?? begin(key, ask)
      flight.waiting++
      return unless(signal, ended, flight.answer)
        .finally(() => leave(key, flight))
        .then((answer) => ({ answer, first: running === undefined }))
    },
  }
}

/** The answer, or `ended` as soon as nobody wants it. */
function unless<Answer>(signal: AbortSignal, ended: Answer, answer: Promise<Answer>): Promise<Answer> {
  let stop = (): void => {}
  const gone = new Promise<Answer>((resolve) => {
    stop = () => resolve(ended)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([gone, answer]).finally(() => signal.removeEventListener('abort', stop))
}
