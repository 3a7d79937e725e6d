/**
 * A month of an organisation, as the settlement writes it: what each request adds is what the gateway itself says it adds,
 * summed up before it is written, since a million requests one by one would take an hour.
 */
import { payerOf } from '../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../lambdas/detection/request-details.ts'
import { addMs, hourOf, type Instant, instant } from '../lambdas/platform/instant.ts'
import { nanoUsd } from '../lambdas/platform/money.ts'
import type { OpenedRequest, RequestEnd } from '../lambdas/spend/request-record.ts'
import { type SettlementWrites, settlementOf } from '../lambdas/spend/settlement.ts'
import { NO_USAGE } from '../lambdas/spend/usage.ts'

export type Item = Record<string, unknown>

export interface Person {
  readonly id: string
  readonly email: string
  readonly teamId: string
}

const TEAMS = 20
export const ENDPOINTS = ['bench-eu', 'bench-us'] as const
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Requests of an hour in which somebody works, on the model that they talk to and on the one that Claude Code asks aside. */
const MAIN_REQUESTS = [3, 11] as const
const SIDE_REQUESTS = [1, 4] as const

const TOOLS = [
  'Bash',
  'Read',
  'Edit',
  'Write',
  'Grep',
  'Glob',
  'TodoWrite',
  'mcp__github__list_issues',
  'mcp__jira__get',
]

/** Mulberry32: the same organisation at every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const hex = (chance: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(chance() * 16).toString(16)).join('')
const uuid = (chance: () => number): string =>
  `${hex(chance, 8)}-${hex(chance, 4)}-4${hex(chance, 3)}-a${hex(chance, 3)}-${hex(chance, 12)}`

export interface Organisation {
  readonly teams: readonly { readonly id: string; readonly name: string }[]
  readonly people: readonly Person[]
  /** Items that all requests of a day add up to, and their rows. @param midnight Of the day. */
  day(midnight: Instant, until: Instant): { readonly items: Item[]; readonly rows: Item[] }
}

export function organisation(size: number): Organisation {
  const chance = dice(1)
  const teams = Array.from({ length: TEAMS }, (_, place) => ({ id: uuid(chance), name: `Team ${place + 1}` }))
  const people = Array.from({ length: size }, (_, place) => ({
    id: uuid(chance),
    email: `person-${place + 1}@example.com`,
    teamId: teams[place % TEAMS]?.id ?? '',
  }))
  return { teams, people, day: (midnight, until) => dayOfAll(people, midnight, until) }
}

function dayOfAll(people: readonly Person[], midnight: Instant, until: Instant): { items: Item[]; rows: Item[] } {
  const chance = dice(midnight / DAY_MS)
  const sums = new Map<string, Item>()
  const rows: Item[] = []
  for (const [place, person] of people.entries()) {
    for (const hour of workingHours(midnight, chance)) {
      if (hour >= until) continue
      for (const { row, increments } of requestsIn(hour, place, person, chance)) {
        rows.push({ ...row })
        for (const increment of increments) addUp(sums, increment)
      }
    }
  }
  return { items: [...sums.values()], rows }
}

/** Eight of them with a break, from somewhere between seven and ten; few people on weekends and in the evening. */
function workingHours(midnight: Instant, chance: () => number): Instant[] {
  const weekday = new Date(midnight).getUTCDay()
  if ((weekday === 0 || weekday === 6) && chance() > 0.05) return []
  if (chance() < 0.1) return []
  const first = 7 + Math.floor(chance() * 3)
  const hours = [0, 1, 2, 3, 5, 6, 7, 8].map((later) => first + later)
  return [...hours, ...(chance() < 0.05 ? [21] : [])].map((hour) => addMs(midnight, hour * HOUR_MS))
}

function* requestsIn(hour: Instant, place: number, person: Person, chance: () => number): Generator<SettlementWrites> {
  const between = ([least, most]: readonly [number, number]): number =>
    least + Math.floor(chance() * (most - least + 1))
  const main = place % 3 === 0 ? 'claude-opus-4-8' : 'claude-sonnet-5'
  const asked = [
    ...Array.from({ length: between(MAIN_REQUESTS) }, () => main),
    ...Array.from({ length: between(SIDE_REQUESTS) }, () => 'claude-haiku-4-5'),
  ]
  for (const model of asked) yield oneRequest(addMs(hour, Math.floor(chance() * HOUR_MS)), model, place, person, chance)
}

function oneRequest(
  arrivedAt: Instant,
  model: string,
  place: number,
  { id, teamId }: Person,
  chance: () => number,
): SettlementWrites {
  const usage = {
    inputTokens: 5 + Math.floor(chance() * 2_000),
    outputTokens: 20 + Math.floor(chance() ** 3 * 6_000),
    cacheReadTokens: Math.floor(chance() * 150_000),
    cacheWrite5mTokens: Math.floor(chance() * 8_000),
    cacheWrite1hTokens: 0,
  }
  const request: OpenedRequest = {
    requestId: `req_${hex(chance, 32)}`,
    payer: payerOf({ keyId: id, userId: id, teamId, userShards: 1, teamShards: 8 }),
    model,
    target: { name: model, bedrockId: `global.anthropic.${model}-v1:0`, scope: 'global' },
    endpointId: ENDPOINTS[place % ENDPOINTS.length] ?? '',
    serviceTier: null,
    streaming: true,
    sessionId: id,
    details: { ...NO_DETAILS, projectKey: 'work/api', turnCount: 12, thinking: 'adaptive', hasSystemPrompt: true },
    arrivedAt,
    estimate: NO_USAGE,
  }
  const durationMs = 800 + chance() ** 4 * 60_000
  const end: RequestEnd = {
    status: chance() < 0.01 ? 'failed' : 'ok',
    messageId: `msg_${hex(chance, 24)}`,
    usage,
    estimated: false,
    stopReason: 'tool_use',
    tools: chance() < 0.6 ? [TOOLS[Math.floor(chance() ** 2 * TOOLS.length)] ?? 'Bash'] : [],
    firstByteMs: durationMs / 3,
    durationMs,
  }
  return settlementOf(request, end, costOf(usage), addMs(arrivedAt, durationMs))
}

/** Some model's price in nano-dollars: how large the figures are is all that matters here. */
const costOf = ({ inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens }: OpenedRequest['estimate']) => ({
  cost: nanoUsd(inputTokens * 3_000 + outputTokens * 15_000 + cacheReadTokens * 300 + cacheWrite5mTokens * 3_750),
  saved: nanoUsd(cacheReadTokens * 2_700),
  price: 'bench',
  unpriced: false,
})

function addUp(sums: Map<string, Item>, { key, add, set }: SettlementWrites['increments'][number]): void {
  const name = `${key.PK} ${key.SK}`
  const item = sums.get(name) ?? { ...key }
  Object.assign(item, set)
  for (const [attribute, amount] of Object.entries(add)) item[attribute] = Number(item[attribute] ?? 0) + amount
  sums.set(name, item)
}

/** Whole weeks earlier, so that weekdays stay weekdays. @param hour `2026-11-24T12` */
export const hourEarlier = (hour: string, days: number): string =>
  hourOf(instant(Date.parse(`${hour}:00:00Z`) - days * DAY_MS))

/** An hour's aggregate or tools, as they would have been written then. */
export function earlier(item: Item, days: number): Item {
  const hour = hourEarlier(String(item.hour), days)
  const [kind = '', , shard = ''] = String(item.PK).split('#')
  return {
    ...item,
    PK: `${kind}#${hour.slice(0, 10)}#${shard}`,
    hour,
    GSI1SK: hour + String(item.GSI1SK).slice(hour.length),
  }
}
