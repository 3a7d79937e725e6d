/** Work that is broken off when it takes too long, although it never waits. */
import { runInNewContext } from 'node:vm'

/**
 * What `work` gives, or `undefined` where it throws or is still at it after `ms`: then it is stopped where it is. What it holds then may
 * be half done, so it must be its own.
 */
export function bounded<Value>(ms: number, work: () => Value): Value | undefined {
  try {
    // The machine stops whatever runs on behalf of a script whose time is over, functions it was handed included.
    return runInNewContext('work()', { work }, { timeout: ms }) as Value
  } catch {
    return undefined
  }
}
