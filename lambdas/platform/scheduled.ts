/** What EventBridge sends a scheduled function. Source: Amazon EventBridge user guide, "Events from AWS services". */
import { type Instant, instant } from './instant.ts'

export interface ScheduledEvent {
  /** RFC 3339: when the schedule fired. */
  readonly time: string
}

/** A scheduled function's only clock. @throws RangeError when the event tells no time. */
export function timeOf(event: ScheduledEvent): Instant {
  const at = Date.parse(event.time)
  if (Number.isNaN(at)) throw new RangeError(`the event tells no time: ${String(event.time).slice(0, 50)}`)
  return instant(at)
}
