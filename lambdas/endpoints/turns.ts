/** Whose turn it is, in one environment. Each begins somewhere else, so that all of them together are as even as one is. */

/** Below it a sum of turns stays exact, however long an environment lives. */
const TURNS = 2 ** 31

/** @param start 0 up to 1 */
export function createTurns(start: number): () => number {
  let turn = Math.floor(start * TURNS)
  return () => {
    turn = (turn + 1) % TURNS
    return turn
  }
}
