/**
 * A minute that slides, made of two that do not: what was asked for in the minute before counts by the share of it that still lies
 * within the last sixty seconds. It takes one counter a minute, wherever requests are served, and is off by as much as the minute
 * before was uneven.
 */
import * as z from 'zod/mini'
import type { Instant } from '../platform/instant.ts'

/** What was asked for in a minute. */
export interface WindowUse {
  readonly requests: number
  /** Input, cache writes and output; cache reads are free. Of what still runs, an estimate. */
  readonly tokens: number
}

const WindowItem = z.object({ requests: z._default(z.number(), 0), tokens: z._default(z.number(), 0) })
export const readWindow = (item: Readonly<Record<string, unknown>> | undefined): WindowUse =>
  WindowItem.parse(item ?? {})

export const NO_USE: WindowUse = { requests: 0, tokens: 0 }

export const negative = ({ requests, tokens }: WindowUse): WindowUse => ({ requests: -requests, tokens: -tokens })

const MINUTE_SECONDS = 60

const secondsInto = (at: Instant): number => (at / 1000) % MINUTE_SECONDS

/**
 * How long to wait until there is room, in whole seconds; 0: there is.
 * @param own What this request takes; it is among `current`. One that is larger than the limit passes when nothing else has been asked for.
 */
export function waitFor(before: number, current: number, own: number, limit: number, at: Instant): number {
  const into = secondsInto(at)
  const others = current - own
  const room = Math.max(limit - own, 0)
  if (others + before * (1 - into / MINUTE_SECONDS) <= room) return 0
  if (others <= room) return Math.max(1, Math.ceil(MINUTE_SECONDS * (1 - (room - others) / before) - into))
  // Not in this minute; in the next one, what is asked for now is the minute before.
  return Math.max(1, Math.ceil(MINUTE_SECONDS - into + MINUTE_SECONDS * (1 - room / others)))
}
