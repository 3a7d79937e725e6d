/** An event that waits to be told: its place in the outbox index. */
import { type Instant, instant, isoOf } from '../platform/instant.ts'

export interface WaitingEvent {
  readonly id: string
  readonly dueAt: Instant
  /** `null` where the item says nothing of it. */
  readonly giveUpAt: Instant | null
  /** Sort key in the index: tells whether somebody else has moved it in the meantime. */
  readonly place: string
}

/** As a table stream shows an item: DynamoDB's own JSON. Only what is read here. */
interface StreamedImage {
  readonly [attribute: string]: { readonly S?: string | undefined } | undefined
}

export interface StreamedChange {
  readonly eventName?: string | undefined
  readonly dynamodb?: { readonly NewImage?: StreamedImage | undefined } | undefined
}

/**
 * The event that a change of the Events table brought, if one of its waits to be told: audit entries, attempts, finished ones and those
 * that were given up do not.
 */
export function waitingEventOf(change: StreamedChange): WaitingEvent | undefined {
  const image = change.dynamodb?.NewImage
  const id = image?.id?.S
  const place = image?.GSI1SK?.S
  if (image?.PK?.S?.startsWith('EVENT#') !== true || id === undefined || place === undefined) return undefined
  if (image.state?.S === 'dead') return undefined
  const dueAt = Date.parse(place.slice(0, isoOf(instant(0)).length))
  if (Number.isNaN(dueAt)) throw new Error(`the event ${id} has no time in its sort key`)
  const giveUpAt = image.give_up_at?.S
  return { id, dueAt: instant(dueAt), giveUpAt: giveUpAt === undefined ? null : instant(Date.parse(giveUpAt)), place }
}
