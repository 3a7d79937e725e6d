/** Probes on the books: opened before Bedrock hears of one, settled with what it cost, like any request. */
import { NO_DETAILS } from '../detection/request-details.ts'
import { readWhole } from '../messages/meter.ts'
import type { ModelTarget } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { OpenedRequest, RequestEnd } from '../spend/request-record.ts'
import { NO_USAGE } from '../spend/usage.ts'
import { PROBER, type ProbeBooks } from './probe-betas.flow.ts'
import type { RoutedEndpoint } from './routing.ts'

export interface ProbeBooksTools {
  open(request: OpenedRequest): Promise<void>
  settle(request: OpenedRequest, end: RequestEnd, at: Instant): Promise<unknown>
  newRequestId(): string
}

/** A word of a prompt and one of an answer, with what surrounds them. */
const ESTIMATE = { ...NO_USAGE, inputTokens: 20, outputTokens: 1 }

export const openProbeBooks = (tools: ProbeBooksTools): ProbeBooks => ({
  async enter(endpoint, target, ask, at) {
    const request = recordOf(tools.newRequestId(), endpoint, target, at)
    await tools.open(request)
    try {
      const answer: unknown = JSON.parse(Buffer.from(await ask()).toString('utf8'))
      const reading = readWhole(answer as Readonly<Record<string, unknown>>)
      await tools.settle(request, { ...NOTHING, ...reading, status: 'ok' }, at)
    } catch (thrown) {
      const fault = thrown instanceof Fault ? thrown : undefined
      await tools.settle(request, { ...NOTHING, status: 'failed', fault }, at)
      throw thrown
    }
  },
})

const NOTHING: Omit<RequestEnd, 'status'> = {
  messageId: null,
  usage: NO_USAGE,
  estimated: false,
  stopReason: null,
  tools: [],
  firstByteMs: null,
  durationMs: 0,
}

const recordOf = (requestId: string, endpoint: RoutedEndpoint, target: ModelTarget, at: Instant): OpenedRequest => ({
  requestId,
  payer: { identity: PROBER, keyId: PROBER, userId: null, teamId: null, counters: [] },
  model: target.name,
  target,
  endpointId: endpoint.id,
  serviceTier: endpoint.options.serviceTier,
  streaming: false,
  sessionId: null,
  details: NO_DETAILS,
  arrivedAt: at,
  estimate: ESTIMATE,
})
