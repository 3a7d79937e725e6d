/**
 * A notification that waits to be delivered. As long as it is due some day it stands in the outbox index; whoever
 * finishes it takes it out of there in the same write.
 */
import { addMs, type Instant, instant, isoOf } from '../platform/instant.ts'

export interface WaitingNotification {
  readonly id: string
  readonly nextAttemptAt: Instant
  /** Its place in the index: tells whether somebody else has put it off in the meantime. */
  readonly outboxSortKey: string
}

/** As a table stream shows an item: DynamoDB's own JSON. Only what is read here. */
interface StreamedImage {
  readonly [attribute: string]: { readonly S?: string | undefined } | undefined
}

export interface StreamedChange {
  readonly eventName?: string | undefined
  readonly dynamodb?:
    | { readonly NewImage?: StreamedImage | undefined; readonly ApproximateCreationDateTime?: number | undefined }
    | undefined
}

/** The notification that a change of the Events table brought, if it brought one: audit entries and finished ones are none. */
export function notificationOf(change: StreamedChange): WaitingNotification | undefined {
  const image = change.dynamodb?.NewImage
  const id = image?.id?.S
  const sortKey = image?.GSI1SK?.S
  if (image?.PK?.S?.startsWith('EVENT#') !== true || id === undefined || sortKey === undefined) return undefined
  const nextAttemptAt = Date.parse(sortKey.slice(0, isoOf(instant(0)).length))
  if (Number.isNaN(nextAttemptAt)) throw new Error(`the notification ${id} has no time in its sort key`)
  return { id, nextAttemptAt: instant(nextAttemptAt), outboxSortKey: sortKey }
}

/** The stream tells whole seconds, rounded down: what was due within that second is due. */
export const timeOfChange = (change: StreamedChange): Instant =>
  addMs(instant((change.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000), 999)
