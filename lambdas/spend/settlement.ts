/**
 * What a settlement writes, as plain data: the row, the counters and the aggregates, in one transaction that exists only
 * if the pending item does. `ledger.store.ts` sends it.
 */

import type { PayersCounter } from '../admission/allowance.ts'
import { dayAttribute, weekAttribute } from '../budgets/period.ts'
import { hourOf, type Instant, isoOf } from '../platform/instant.ts'
import type { Cost } from '../pricing/cost.ts'
import type { TableKey } from '../table/core-keys.ts'
import {
  aggregateKey,
  aggregatesOf,
  counterKey,
  hourSortKey,
  isToolsKey,
  RESERVED_ATTRIBUTE,
  RESERVING_SHARD,
  requestKey,
  requestsOf,
  SEARCH_COST_ATTRIBUTE,
  SEARCHES_ATTRIBUTE,
  shardOf,
  toolsKey,
  toolsOf,
  USED_ATTRIBUTE,
  type UsagePart,
} from '../table/usage-keys.ts'
import { deadlineOf, type OpenedRequest, type RequestEnd } from './request-record.ts'

export interface Increment {
  readonly key: TableKey
  /** Attribute → what is added to it. */
  readonly add: Readonly<Record<string, number>>
  /** Attribute → what it is set to: the same at every increment, or the newest of them. */
  readonly set: Readonly<Record<string, string>>
}

export interface SettlementWrites {
  readonly row: Readonly<Record<string, unknown>>
  readonly increments: readonly Increment[]
}

/** The months, days and hours of a request are those of its arrival. */
export function settlementOf(
  request: OpenedRequest,
  end: RequestEnd,
  cost: Cost,
  settledAt: Instant,
): SettlementWrites {
  const part = partOf(request, settledAt)
  return {
    row: rowOf(request, end, cost, settledAt),
    increments:
      end.status === 'refused'
        ? releasesOf(request)
        : [...countersOf(request, end, cost), aggregateOf(part, request, end, cost), ...toolsOfAnswer(part, end)],
  }
}

const partOf = ({ payer, target, endpointId, arrivedAt }: OpenedRequest, settledAt: Instant): UsagePart => ({
  identity: payer.identity,
  model: target.name,
  endpoint: endpointId,
  team: payer.teamId,
  at: arrivedAt,
  late: settledAt >= deadlineOf(arrivedAt),
})

/** The same money without the one item that grows with what callers do, that of tools' names. The row still tells them for this request. */
export const inBrief = ({ row, increments }: SettlementWrites): SettlementWrites => ({
  row,
  increments: increments.filter(({ key }) => !isToolsKey(key)),
})

function rowOf(request: OpenedRequest, end: RequestEnd, cost: Cost, settledAt: Instant): Record<string, unknown> {
  const key = requestKey(request.requestId, request.arrivedAt)
  return {
    ...key,
    GSI1PK: requestsOf(request.payer.identity),
    GSI1SK: key.SK,
    request_id: request.requestId,
    identity: request.payer.identity,
    key_id: request.payer.keyId,
    user_id: request.payer.userId,
    team_id: request.payer.teamId,
    endpoint_id: request.endpointId,
    service_tier: request.serviceTier,
    model: request.model,
    model_name: request.target.name,
    upstream_model: request.target.bedrockId,
    streaming: request.streaming,
    session_id: request.sessionId,
    ...detailAttributes(request),
    status: end.status,
    refusal: end.refusal ?? null,
    estimated: end.estimated,
    message_id: end.messageId,
    stop_reason: end.stopReason,
    ...tokenAttributes(end),
    // Bedrock's own count, by kind, where it differs from what the answer reported.
    ...(end.contradicted && { contradicted: end.contradicted }),
    ...(end.web && {
      web_searches: end.web.searches,
      web_pages: end.web.pages,
      web_cost_nano: end.web.cost,
    }),
    // With that of the searches.
    cost_nano: cost.cost,
    saved_nano: cost.saved,
    price: cost.price,
    tools: end.tools.slice(0, MOST_TOOLS),
    duration_ms: Math.round(end.durationMs),
    first_byte_ms: end.firstByteMs === null ? null : Math.round(end.firstByteMs),
    arrived_at: isoOf(request.arrivedAt),
    settled_at: isoOf(settledAt),
  }
}

/** Lists of maps come from `detection/`, which keeps them short and without a word of what was found. */
const detailAttributes = ({ details }: OpenedRequest): Record<string, unknown> => ({
  agent_id: details.agentId,
  parent_agent_id: details.parentAgentId,
  project_key: details.projectKey,
  turn_count: details.turnCount,
  thinking: details.thinking,
  has_system_prompt: details.hasSystemPrompt,
  system_prompt_hash: details.systemPromptHash,
  content_block_types: details.contentTypes,
  has_correction: details.flags.some(({ category }) => category === 'correction'),
  answered_tools: details.answeredTools,
  tool_errors: details.toolErrors,
  mcp_servers: details.mcpServers,
  flags: details.flags,
})

/** One counter item serves the month, its days and its weeks. */
const countersOf = (request: OpenedRequest, { web }: RequestEnd, cost: Cost): Increment[] =>
  request.payer.counters.map((counter) => ({
    key: placeOf(counter, request),
    add: {
      m_cost: cost.cost,
      m_requests: 1,
      [dayAttribute(request.arrivedAt)]: cost.cost,
      [weekAttribute(request.arrivedAt)]: cost.cost,
      ...(web && web.searches > 0 && { [SEARCHES_ATTRIBUTE]: web.searches, [SEARCH_COST_ATTRIBUTE]: web.cost }),
      ...releaseOf(counter),
    },
    set: { [USED_ATTRIBUTE]: isoOf(request.arrivedAt) },
  }))

/** What is held for a request is held where it will be counted, so that both change in one item. */
const placeOf = ({ subject, shards, reserved }: PayersCounter, { requestId, arrivedAt }: OpenedRequest): TableKey =>
  counterKey(subject, arrivedAt, reserved === undefined ? shardOf(requestId, shards) : RESERVING_SHARD)

const releaseOf = ({ reserved }: PayersCounter): Record<string, number> =>
  reserved === undefined ? {} : { [RESERVED_ATTRIBUTE]: -reserved }

/** Of a request that Bedrock never heard of. */
const releasesOf = (request: OpenedRequest): Increment[] =>
  request.payer.counters
    .filter(({ reserved }) => reserved !== undefined)
    .map((counter) => ({ key: placeOf(counter, request), add: releaseOf(counter), set: {} }))

/** The kinds of `thinking` under which a model thinks; with `adaptive` it chooses when. */
const THINKS: ReadonlySet<string | null> = new Set(['enabled', 'adaptive'])

function aggregateOf(part: UsagePart, request: OpenedRequest, end: RequestEnd, cost: Cost): Increment {
  const tokens = tokenAttributes(end)
  return {
    key: aggregateKey(part),
    add: {
      requests: 1,
      ...(request.streaming && { streaming: 1 }),
      ...(THINKS.has(request.details.thinking) && { thinking: 1 }),
      ...(end.estimated && { estimated: 1 }),
      ...(end.status === 'failed' && { errors: 1 }),
      ...(cost.unpriced && { unpriced: 1, unpriced_tokens: sumOf(Object.values(tokens)) }),
      ...tokens,
      ...(end.web && { web_searches: end.web.searches, web_cost_nano: end.web.cost }),
      cost_nano: cost.cost,
      saved_nano: cost.saved,
      duration_ms: Math.round(end.durationMs),
      tool_calls: end.tools.length,
      [`h${durationBucket(end.durationMs)}`]: 1,
    },
    set: { ...partAttributes(part), GSI1PK: aggregatesOf(part.identity), GSI1SK: hourSortKey(part) },
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

/** Without a team there is no `team_id`. */
const partAttributes = (part: UsagePart): Record<string, string> => ({
  identity: part.identity,
  model: part.model,
  endpoint_id: part.endpoint,
  ...(part.team !== null && { team_id: part.team }),
  hour: hourOf(part.at),
})

/** An answer rarely calls five tools; a hundred names would be an attack on the item's size (400 kB), not an answer. */
const MOST_TOOLS = 100
/** Claude Code's longest tool names (`mcp__<server>__<tool>`) stay below. */
const LONGEST_TOOL_NAME = 64

function toolsOfAnswer(part: UsagePart, end: RequestEnd): Increment[] {
  if (end.tools.length === 0) return []
  const add: Record<string, number> = {}
  for (const tool of end.tools.slice(0, MOST_TOOLS)) {
    const attribute = `t#${tool.slice(0, LONGEST_TOOL_NAME)}`
    add[attribute] = (add[attribute] ?? 0) + 1
  }
  const set = { ...partAttributes(part), GSI1PK: toolsOf(part.identity), GSI1SK: hourSortKey(part) }
  return [{ key: toolsKey(part), add, set }]
}

const tokenAttributes = ({ usage }: RequestEnd): Record<string, number> => ({
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cache_read_tokens: usage.cacheReadTokens,
  cache_write_5m_tokens: usage.cacheWrite5mTokens,
  cache_write_1h_tokens: usage.cacheWrite1hTokens,
})

/** Buckets grow by a tenth, so a percentile read from their middles is at most 5 % off. */
export const BUCKET_GROWTH = 1.1

export const durationBucket = (ms: number): number =>
  Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / Math.log(BUCKET_GROWTH)))
