/** A revision counts the changes of a thing, so that nobody overwrites what they have not seen. */
import { Fault } from './fault.ts'

/** @throws Fault `conflict` where somebody has changed it since it was read. */
export function refuseStale(last: number, seen: number | undefined): void {
  if (seen !== undefined && seen !== last) {
    throw new Fault('conflict', `rev: somebody else has changed this since it was read; its revision is ${last} now`)
  }
}
