/** Requests that are admitted and settled as in the `messages` function, without a Bedrock in between: what they cost is told. */
import { openAllowances } from '../../lambdas/admission/allowance.store.ts'
import { openRateWindows } from '../../lambdas/admission/rate-windows.store.ts'
import { bodyOfText } from '../../lambdas/http/body.ts'
import { type AdmissionTools, admitRequest } from '../../lambdas/messages/admit-request.flow.ts'
import { readMessageRequest } from '../../lambdas/messages/message-request.ts'
import type { Incoming } from '../../lambdas/messages/serve-message.flow.ts'
import { SERVER_SENT_EVENTS } from '../../lambdas/messages/sse.ts'
import { createEventTeller } from '../../lambdas/messages/tell-events.flow.ts'
import { openEventWriter } from '../../lambdas/notifications/event-writer.store.ts'
import { newRequestId } from '../../lambdas/platform/clock.host.ts'
import { Fault } from '../../lambdas/platform/fault.ts'
import type { Instant } from '../../lambdas/platform/instant.ts'
import type { Log } from '../../lambdas/platform/log.ts'
import { openCurrentPrices } from '../../lambdas/pricing/current-prices.store.ts'
import { openPrices } from '../../lambdas/pricing/prices.store.ts'
import {
  expectedCost,
  lyingRequest,
  restateRequest,
  settleRequest,
  withdrawRequest,
} from '../../lambdas/spend/keep-accounts.flow.ts'
import { openLedger } from '../../lambdas/spend/ledger.store.ts'
import { estimateTokens, NO_USAGE, type Usage } from '../../lambdas/spend/usage.ts'
import type { Documents } from '../../lambdas/table/document.store.ts'
import type { TableNames } from './tables.ts'

export interface AdmittedHere {
  /** What it was expected to cost. */
  readonly expected: number
  /** Whether it holds its share of a budget. */
  readonly holds: boolean
  end(usage: Partial<Usage>): Promise<void>
}

export interface Wish {
  /** SHA-256 of the key. */
  readonly sha256: string
  readonly at: Instant
  /** Of the prompt. */
  readonly bytes?: number
  /** Of the model, that it may take. */
  readonly turns?: number
  /** Of the answer, as it is expected. */
  readonly outputTokens?: number
  readonly headers?: Record<string, string>
}

export interface Gate {
  readonly told: Map<string, string>
  /** The environment’s own memory is gone after this, as with another environment. */
  ask(wish: Wish): Promise<AdmittedHere | Fault>
}

const MODEL = 'claude-opus-5-5'
const SILENT: Log = { info() {}, warn() {}, error() {} }

export function openGate(documents: Documents, tables: TableNames, sleep: () => Promise<void> = async () => {}): Gate {
  const accounts = {
    ledger: openLedger(documents, tables.usage, { sleep, chance: Math.random }),
    prices: openCurrentPrices(openPrices(documents, tables.core)),
    log: SILENT,
    sleep,
  }
  const tools: AdmissionTools = {
    allowances: openAllowances(documents, tables),
    windows: openRateWindows(documents, tables.ephemeral),
    events: createEventTeller(openEventWriter(documents, tables.events)),
    accounts: {
      open: (request) => accounts.ledger.open(request),
      readPrices: async (version) => void (await accounts.prices.at(version)),
      hold: (request, holds, attempt) => accounts.ledger.hold(request, holds, attempt),
      lying: (request) => lyingRequest(request, accounts),
      expectedCost: (request, usage) => expectedCost(request, usage, accounts),
      settle: (request, end, version, at) => settleRequest(request, end, version, at, accounts),
      restate: (request) => restateRequest(request, accounts),
      withdraw: (request) => withdrawRequest(request, accounts),
    },
  }
  const told = new Map<string, string>()
  return {
    told,
    async ask({ sha256, at, bytes = 4_000, turns = 1, outputTokens = 400, headers = {} }) {
      const errands: Promise<unknown>[] = []
      const done = async () => {
        for (; errands.length > 0; ) await Promise.all(errands.splice(0))
      }
      const content = 'x'.repeat(bytes)
      const body = bodyOfText(JSON.stringify({ model: MODEL, max_tokens: 9, messages: [{ role: 'user', content }] }))
      const incoming: Incoming = {
        requestId: newRequestId(),
        headers: new Headers(headers),
        format: SERVER_SENT_EVENTS,
        arrivedAt: at,
        elapsedMs: () => 1,
        remainingMs: () => 900_000,
        throughDistribution: false,
        readBody: async () => body,
        tell: (name, value) => void told.set(name, value),
        waitUntil: (errand) => void errands.push(errand),
      }
      const asked = readMessageRequest(body, incoming.headers)
      const recordOf = (payer: Parameters<Parameters<typeof admitRequest>[0]['recordOf']>[0]) => ({
        requestId: incoming.requestId,
        payer,
        model: MODEL,
        target: { name: MODEL, bedrockId: MODEL, scope: 'global' as const },
        endpointId: 'one',
        serviceTier: null,
        streaming: true,
        sessionId: null,
        details: asked.details(),
        arrivedAt: at,
        estimate: { ...NO_USAGE, inputTokens: estimateTokens(asked.bytes), outputTokens },
      })
      try {
        const admitted = await admitRequest(
          { credential: { sha256 }, incoming, asked, model: MODEL, turns, recordOf },
          tools,
        )
        return {
          expected: expectedCost(admitted.request, admitted.request.estimate, accounts),
          holds: admitted.request.payer.counters.some(({ reserved }) => reserved !== undefined),
          async end(usage) {
            const end = {
              status: 'ok' as const,
              messageId: null,
              usage: { ...NO_USAGE, ...usage },
              estimated: false,
              stopReason: 'end_turn',
              tools: [],
              firstByteMs: 1,
              durationMs: 1,
            }
            await admitted.settle(end, admitted.request)
            await done()
          },
        }
      } catch (thrown) {
        await done()
        if (thrown instanceof Fault) return thrown
        throw thrown
      }
    },
  }
}
