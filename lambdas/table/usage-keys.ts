/**
 * The Usage table: what was asked, what it cost. Every key of it is built on this page and nowhere else.
 * `identity` is the user's UUID, or `key:<key id>` where a key has no owner.
 *
 * | item            | PK                            | SK                               | GSI1                                      |
 * |-----------------|-------------------------------|----------------------------------|-------------------------------------------|
 * | pending request | PEND#<deadline minute>#<0-7>  | <request id>                     | –                                         |
 * | set aside       | PEND#ASIDE                    | <request id>                     | –                                         |
 * | request row     | REQ#<day>#<0-7>               | <iso time>#<request id>          | REQS#<identity> / <iso time>#<request id> |
 * | counter         | SPEND#USER#<id>, SPEND#TEAM#<id>, SPEND#KEY#<id> | <month>#<shard> | –                                       |
 * | hourly aggregate| AGG#<day>#<0-7>               | <HH>#<identity>#<part>           | AGGS#<identity> / <day>T<HH>#<part>       |
 * | the same, late  | AGG#<month>#LATE              | <day>T<HH>#<identity>#<part>     | the same                                  |
 * | hour's tools    | TOOLS#<day>#<0-7>             | <HH>#<identity>#<part>           | TOOLS#<identity> / <day>T<HH>#<part>      |
 * | the same, late  | TOOLS#<month>#LATE            | <day>T<HH>#<identity>#<part>     | the same                                  |
 * | hour's pack     | PACK#<day>                    | AGG#<HH>#<place>, TOOLS#<HH>#<place> | –                                     |
 * | watch mark      | WATCH                         | ABANDONED, PACKED                | –                                         |
 *
 * A part is `<model>#<endpoint>#<team or none>`: the team that pays, at the time of the request. What is settled after its
 * request's deadline is late: it is booked beside the hour, so that an hour is final once the deadlines of its requests have passed.
 *
 * A counter holds `m_cost` for its month, `d<DD>_cost` for each day and `w<WW>_cost` for each ISO week that touches it,
 * so that one UpdateItem serves every period; a week across two months is the sum of two items.
 * `reserved` is what is held for requests that run, on the first shard of a counter whose budget is nearly used up.
 * `m_searches` and `m_search_cost` are the searches of the web among it. `used_at` is when the newest of its requests came. Each key has a counter of its own, beside its owner's: a budget that it is given
 * finds all that it has spent, and nobody's counter grows with how many keys they have. What a key took over from the one that
 * it replaces is in its `m_cost`, and once more in `carried_cost`.
 * Shards keep a busy organisation off one partition (1,000 write units a second each).
 */
import { dayOf, hourOf, type Instant, isoOf, minuteOf, monthOf } from '../platform/instant.ts'
import type { TableKey } from './core-keys.ts'

/** 8 partitions of 1,000 write units: about 4,000 transactional settlements a second before DynamoDB has to split one. */
export const USAGE_SHARDS = 8

/** A steady small hash (FNV-1a, 32 bits): the same text always falls on the same shard. */
export function shardOf(text: string, shards: number = USAGE_SHARDS): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % shards
}

export const pendingPartition = (minute: string, shard: number): string => `PEND#${minute}#${shard}`
/** @param deadline When the request can no longer be running: function time-out + 60 s after its arrival. */
export const pendingKey = (requestId: string, deadline: Instant): TableKey => ({
  PK: pendingPartition(minuteOf(deadline), shardOf(requestId)),
  SK: requestId,
})

/** Pending requests that cannot be settled as they are; beside the minutes, so that they hold none of them up. */
export const ASIDE_PARTITION = 'PEND#ASIDE'

export const requestPartition = (day: string, shard: number): string => `REQ#${day}#${shard}`
export const requestKey = (requestId: string, arrivedAt: Instant): TableKey => ({
  PK: requestPartition(dayOf(arrivedAt), shardOf(requestId)),
  SK: `${isoOf(arrivedAt)}#${requestId}`,
})
export const requestsOf = (identity: string): string => `REQS#${identity}`

export type CounterSubject = { readonly kind: 'user' | 'team' | 'key'; readonly id: string }
export const counterKey = (subject: CounterSubject, at: Instant, shard: number): TableKey => ({
  PK: `SPEND#${subject.kind.toUpperCase()}#${subject.id}`,
  SK: `${monthOf(at)}#${shard}`,
})

/** What a member of a counter holds; one that is not there has never been added to. */
export const countedIn = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** The shard on which requests hold their share of a budget that is nearly used up. */
export const RESERVING_SHARD = 0
/** What is held there for requests that are running. */
export const RESERVED_ATTRIBUTE = 'reserved'

/** When the newest request was, in ISO 8601. */
export const USED_ATTRIBUTE = 'used_at'
/** Searches of the web in the month that were answered, and what of its cost they are; absent where there were none. */
export const SEARCHES_ATTRIBUTE = 'm_searches'
export const SEARCH_COST_ATTRIBUTE = 'm_search_cost'
/** In a key's counter: how much of the month was spent by the keys that it came of. */
export const CARRIED_ATTRIBUTE = 'carried_cost'

/** Aggregates, and the tools beside them. */
export type HourKind = 'AGG' | 'TOOLS'

/** Of an hour, what somebody used in one way: what aggregates are told apart by. */
export interface UsagePart {
  readonly identity: string
  /** Anthropic's undated name */
  readonly model: string
  readonly endpoint: string
  readonly team: string | null
  readonly at: Instant
  /** Settled when the hour may have been read as final. */
  readonly late: boolean
}

const partOf = ({ model, endpoint, team }: UsagePart): string => `${model}#${endpoint}#${team ?? 'none'}`

function keyInHour(kind: HourKind, part: UsagePart): TableKey {
  const { identity, at, late } = part
  const hour = hourOf(at)
  if (late) return { PK: latePartition(kind, monthOf(at)), SK: `${hour}#${identity}#${partOf(part)}` }
  return {
    PK: hoursPartition(kind, dayOf(at), shardOf(identity)),
    SK: `${hour.slice(11)}#${identity}#${partOf(part)}`,
  }
}

export const hoursPartition = (kind: HourKind, day: string, shard: number): string => `${kind}#${day}#${shard}`
export const latePartition = (kind: HourKind, month: string): string => `${kind}#${month}#LATE`
export const aggregatePartition = (day: string, shard: number): string => hoursPartition('AGG', day, shard)
export const aggregateKey = (part: UsagePart): TableKey => keyInHour('AGG', part)
/** GSI1 of an aggregate: one person's hours in order. */
export const aggregatesOf = (identity: string): string => `AGGS#${identity}`
/** Of an hour's aggregate and of its tools alike. */
export const hourSortKey = (part: UsagePart): string => `${hourOf(part.at)}#${partOf(part)}`

export const toolsKey = (part: UsagePart): TableKey => keyInHour('TOOLS', part)
export const isToolsKey = ({ PK }: TableKey): boolean => PK.startsWith('TOOLS#')
export const toolsOf = (identity: string): string => `TOOLS#${identity}`

/** An hour that is final, in one item or as many as it takes. */
export const packPartition = (day: string): string => `PACK#${day}`
/** @param hourOfDay `09` @param place 0 to 99 */
export const packKey = (kind: HourKind, day: string, hourOfDay: string, place: number): TableKey => ({
  PK: packPartition(day),
  SK: `${kind}#${hourOfDay}#${String(place).padStart(2, '0')}`,
})

/** The minute up to which every abandoned request has been settled. */
export const abandonedMarkKey: TableKey = { PK: 'WATCH', SK: 'ABANDONED' }
/** The hour up to which every hour has been packed. */
export const packedMarkKey: TableKey = { PK: 'WATCH', SK: 'PACKED' }
