/** Lists of events, newest first, as the indexes have them: one of this moment may still be missing. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Instant, instant, isoOf } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { eventsOf, eventsOfMonth } from '../table/events-keys.ts'
import type { EventType } from './event.ts'
import { type DeliveryState, readEvent, type StoredEvent } from './stored-event.ts'

export interface EventFilter {
  /** Only events of this person and of their keys. */
  readonly userId?: string | undefined
  readonly teamId?: string | undefined
  readonly type?: EventType | undefined
  readonly state?: DeliveryState | undefined
}

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Where the next page begins; `null` on the last one. */
  readonly next: string | null
}

export interface EventList {
  /** @param after `next` of the page before. @param now The newest month there can be. */
  page(filter: EventFilter, limit: number, after: string | null, now: Instant): Promise<EventPage>
}

/** As long as events are kept. */
const MONTHS = 14

/** What a query looks at in one go, where most of it may be filtered out: some hundred kilobytes. */
const LOOKED_AT = 300

export function openEventList(documents: Documents, eventsTable: string): EventList {
  const ofUser = async (user: string, sieve: Sieve, before: string, limit: number) =>
    await take(limit, before, async (from) =>
      documents.send(
        new QueryCommand({
          TableName: eventsTable,
          IndexName: 'GSI2',
          KeyConditionExpression: 'GSI2PK = :partition AND GSI2SK < :before',
          ...sieve.with({ ':partition': eventsOf({ kind: 'user', id: user }), ':before': from }),
          ScanIndexForward: false,
          Limit: LOOKED_AT,
        }),
      ),
    )
  const ofMonth = async (month: string, sieve: Sieve, before: string, limit: number) =>
    await take(limit, before, async (from) =>
      documents.send(
        new QueryCommand({
          TableName: eventsTable,
          IndexName: 'GSI3',
          KeyConditionExpression: 'GSI3PK = :partition AND GSI3SK < :before',
          ...sieve.with({ ':partition': month, ':before': from }),
          ScanIndexForward: false,
          Limit: LOOKED_AT,
        }),
      ),
    )
  return {
    async page({ userId, ...filter }, limit, after, now) {
      const sieve = sieveOf(filter)
      // One more than a page shows whether there is another.
      const wanted = limit + 1
      const found: Record<string, unknown>[] = []
      if (userId !== undefined) found.push(...(await ofUser(userId, sieve, after ?? AFTER_ALL, wanted)))
      else {
        for (const month of monthsFrom(after, now)) {
          found.push(...(await ofMonth(month, sieve, after ?? AFTER_ALL, wanted - found.length)))
          if (found.length >= wanted) break
        }
      }
      const shown = found.slice(0, limit)
      return { events: shown.map(readEvent), next: found.length > limit ? placeOf(shown.at(-1)) : null }
    },
  }
}

/** After every sort key that begins with a time. */
const AFTER_ALL = '~'

const placeOf = (item: Record<string, unknown> | undefined): string =>
  z.object({ GSI3SK: z.string() }).parse(item).GSI3SK

/** The month in which the list goes on, and those before it. */
function monthsFrom(after: string | null, now: Instant): string[] {
  const newest = new Date(after === null ? now : Date.parse(after.slice(0, isoOf(now).length)))
  return Array.from({ length: MONTHS }, (_, back) =>
    eventsOfMonth(instant(Date.UTC(newest.getUTCFullYear(), newest.getUTCMonth() - back, 1))),
  )
}

interface Sieve {
  /** The filter's part of a query, with the values of the rest. */
  with(values: Readonly<Record<string, string>>): {
    readonly ExpressionAttributeValues: Record<string, string>
    readonly FilterExpression?: string
    readonly ExpressionAttributeNames?: Record<string, string>
  }
}

const ATTRIBUTES = { teamId: 'team_id', type: 'type', state: 'state' } as const

function sieveOf(filter: Omit<EventFilter, 'userId'>): Sieve {
  const wished = Object.entries(ATTRIBUTES).flatMap(([member, attribute]) => {
    const value = filter[member as keyof typeof ATTRIBUTES]
    return value === undefined ? [] : [{ attribute, value }]
  })
  return {
    with: (values) => ({
      ExpressionAttributeValues: {
        ...values,
        ...Object.fromEntries(wished.map(({ attribute, value }) => [`:f_${attribute}`, value])),
      },
      ...(wished.length > 0 && {
        FilterExpression: wished.map(({ attribute }) => `#f_${attribute} = :f_${attribute}`).join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(wished.map(({ attribute }) => [`#f_${attribute}`, attribute])),
      }),
    }),
  }
}

interface Answer {
  readonly Items?: Record<string, unknown>[] | undefined
  readonly LastEvaluatedKey?: Record<string, unknown> | undefined
}

/** Goes on until there are enough or there is nothing left, however much is filtered out. */
async function take(
  limit: number,
  before: string,
  ask: (before: string) => Promise<Answer>,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for (let from = before; ; ) {
    const { Items = [], LastEvaluatedKey } = await ask(from)
    found.push(...Items)
    if (LastEvaluatedKey === undefined || found.length >= limit) return found.slice(0, limit)
    // Both indexes that are read here sort by the same key.
    from =
      z.object({ GSI3SK: z.optional(z.string()), GSI2SK: z.optional(z.string()) }).parse(LastEvaluatedKey).GSI3SK ??
      String(LastEvaluatedKey.GSI2SK)
  }
}
