/** What an organisation used, written as the ledger writes it, and packed as `watch` packs it. */
import { randomUUID } from 'node:crypto'
import { payerOf } from '../../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../../lambdas/detection/request-details.ts'
import { FIRST_ENDPOINT_ID } from '../../lambdas/endpoints/endpoint.ts'
import { addMs, type Instant, instant } from '../../lambdas/platform/instant.ts'
import { jsonLog } from '../../lambdas/platform/log.host.ts'
import { nanoUsd } from '../../lambdas/platform/money.ts'
import { openPackedMark } from '../../lambdas/spend/abandoned-mark.store.ts'
import { openHourItems } from '../../lambdas/spend/hour-items.store.ts'
import { openHourPacks } from '../../lambdas/spend/hour-packs.store.ts'
import { openLedger } from '../../lambdas/spend/ledger.store.ts'
import { type PackTools, packHours } from '../../lambdas/spend/pack-hours.flow.ts'
import type { OpenedRequest, RequestStatus } from '../../lambdas/spend/request-record.ts'
import { NO_USAGE, type Usage } from '../../lambdas/spend/usage.ts'
import { teamKey } from '../../lambdas/table/core-keys.ts'
import type { TestControl } from './control.ts'

export interface UsedRequest {
  /** A person's id, or `null` for a key without owner. */
  readonly user: string | null
  readonly keyId: string
  readonly team: string | null
  readonly model: string
  readonly endpoint: string
  readonly sessionId: string | null
  readonly projectKey: string | null
  readonly at: Instant
  /** After arrival. */
  readonly settledAfterMs: number
  readonly status: RequestStatus
  readonly tools: readonly string[]
  readonly usage: Usage
  readonly costNano: number
  readonly savedNano: number
  readonly unpriced: boolean
  readonly durationMs: number
}

const USUAL: Omit<UsedRequest, 'user' | 'at'> = {
  keyId: 'k',
  team: null,
  model: 'claude-sonnet-5-5',
  endpoint: FIRST_ENDPOINT_ID,
  sessionId: null,
  projectKey: null,
  settledAfterMs: 100,
  status: 'ok',
  tools: [],
  usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 20 },
  costNano: 20_000_000,
  savedNano: 0,
  unpriced: false,
  durationMs: 100,
}

const WAITING = { sleep: async () => {}, chance: () => 0 }

type Arrival = string | Instant

function usedRequest(arrivedAt: Arrival, wish: Partial<UsedRequest>): UsedRequest {
  const at = typeof arrivedAt === 'string' ? instant(Date.parse(arrivedAt)) : arrivedAt
  return { ...USUAL, user: null, ...wish, at }
}

function openedOf(used: UsedRequest): OpenedRequest {
  return {
    requestId: `req_${randomUUID().replaceAll('-', '')}`,
    payer: payerOf({
      keyId: used.keyId,
      userId: used.user,
      teamId: used.team,
      userShards: 1,
      teamShards: 8,
    }),
    model: `${used.model}[1m]`,
    target: { name: used.model, bedrockId: `global.anthropic.${used.model}`, scope: 'global' },
    endpointId: used.endpoint,
    serviceTier: null,
    streaming: true,
    sessionId: used.sessionId,
    details: { ...NO_DETAILS, projectKey: used.projectKey },
    arrivedAt: used.at,
    estimate: NO_USAGE,
  }
}

/** Whoever was to settle it has died. @param arrivedAt RFC 3339, or a moment. */
export async function openRequest(
  { documents, tables }: TestControl,
  arrivedAt: Arrival,
  wish: Partial<UsedRequest>,
): Promise<void> {
  await openLedger(documents, tables.usage, WAITING).open(openedOf(usedRequest(arrivedAt, wish)))
}

/** @param arrivedAt RFC 3339, or a moment. */
export async function use(
  { documents, tables }: TestControl,
  arrivedAt: Arrival,
  wish: Partial<UsedRequest>,
): Promise<void> {
  const used = usedRequest(arrivedAt, wish)
  const request = openedOf(used)
  const ledger = openLedger(documents, tables.usage, WAITING)
  await ledger.open(request)
  await ledger.settle(
    request,
    {
      status: used.status,
      messageId: null,
      usage: used.usage,
      estimated: false,
      stopReason: 'end_turn',
      tools: used.tools,
      firstByteMs: 5,
      durationMs: used.durationMs,
    },
    {
      cost: nanoUsd(used.costNano),
      saved: nanoUsd(used.savedNano),
      price: used.unpriced ? 'unpriced' : 'p',
      unpriced: used.unpriced,
    },
    addMs(used.at, used.settledAfterMs),
  )
}

export function packTools({ documents, tables }: TestControl, logged: string[] = []): PackTools {
  return {
    items: openHourItems(documents, tables.usage),
    packs: openHourPacks(documents, tables.usage),
    mark: openPackedMark(documents, tables.usage),
    log: jsonLog((line) => void logged.push(line)),
  }
}

/** Every hour from this one on that is final. @returns how many there were. */
export async function packFrom(control: TestControl, from: string, now: Instant): Promise<number> {
  const tools = packTools(control)
  await tools.mark.write(instant(Date.parse(`${from}:00:00Z`)))
  let packed = 0
  for (let more = -1; more !== 0; packed += more) more = await packHours(now, tools)
  return packed
}

/** A team in the table, as it was before budgets were thought of unless it is said otherwise. */
export async function team(control: TestControl, name: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID()
  await control.put({
    ...teamKey(id),
    GSI1PK: 'TEAMS',
    GSI1SK: name.toLowerCase(),
    id,
    name,
    created_at: '2026-01-01T00:00:00.000Z',
    counter_shards: 8,
    ...more,
  })
  return id
}
