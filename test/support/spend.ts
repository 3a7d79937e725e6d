/** Spending put into the books by the gateway's own ledger. */
import { payerOf } from '../../lambdas/admission/allowance.ts'
import { NO_DETAILS } from '../../lambdas/detection/request-details.ts'
import type { Instant } from '../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../lambdas/platform/money.ts'
import { openLedger } from '../../lambdas/spend/ledger.store.ts'
import type { OpenedRequest } from '../../lambdas/spend/request-record.ts'
import { NO_USAGE, type Usage } from '../../lambdas/spend/usage.ts'
import type { Documents } from '../../lambdas/table/document.store.ts'

interface Spent {
  readonly usd: number
  readonly at: Instant
  readonly userId?: string | null
  readonly teamId?: string | null
  readonly keyId?: string
  readonly model?: string
  readonly unpriced?: boolean
  readonly usage?: Partial<Usage>
}

let number = 0

export async function spend(documents: Documents, usageTable: string, spent: Spent): Promise<void> {
  const { at, userId = null, teamId = null, keyId = 'key', model = 'claude-sonnet-4-5', unpriced = false } = spent
  const request: OpenedRequest = {
    requestId: `req_${String(number++).padStart(32, '0')}`,
    payer: payerOf({ keyId, userId, teamId, userShards: 1, teamShards: 8 }),
    model,
    target: { name: model, bedrockId: `global.anthropic.${model}`, scope: 'global' },
    endpointId: 'default',
    serviceTier: null,
    streaming: true,
    sessionId: null,
    details: NO_DETAILS,
    arrivedAt: at,
    estimate: NO_USAGE,
  }
  const end = {
    status: 'ok',
    messageId: null,
    usage: { ...NO_USAGE, ...spent.usage },
    estimated: false,
    stopReason: null,
    tools: [],
    firstByteMs: null,
    durationMs: 1,
  } as const
  const ledger = openLedger(documents, usageTable, { sleep: async () => {}, chance: () => 0 })
  await ledger.open(request)
  const cost = {
    cost: nanoUsd(Math.round(spent.usd * 1e9)),
    saved: nanoUsd(0),
    price: unpriced ? 'unpriced' : 'p',
    unpriced,
  }
  await ledger.settle(request, end, cost, at)
}
