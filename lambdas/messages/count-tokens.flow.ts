/**
 * POST /v1/messages/count_tokens. Free, so nothing is written down; Bedrock counts where it can, and for models it cannot
 * count for the gateway estimates, because the client only wants to know how full its context is.
 */
import { admitForFree } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { readCredential } from '../admission/credential.ts'
import { refusalOf } from '../admission/refusal.ts'
import { countWithBedrock } from '../bedrock/count.flow.ts'
import type { CountingMemory } from '../bedrock/counting-memory.ts'
import { callForCount } from '../endpoints/reach.flow.ts'
import type { Body } from '../http/body.ts'
import type { Invocation } from '../http/invocation.ts'
import { readModel } from '../models/model-names.ts'
import type { Instant } from '../platform/instant.ts'
import { estimatePromptTokens } from './estimate-tokens.ts'
import { identify, orUnavailable } from './identify.flow.ts'
import { readMessageRequest, type SaidInPath } from './message-request.ts'
import { type RouteTools, routeOf, warmRoutes } from './route-request.flow.ts'
import { toBeCounted } from './web-request.ts'

export interface CountTools {
  readonly allowances: AllowanceStore
  readonly routes: RouteTools
  readonly counting: CountingMemory
}

export interface CountRequest extends Pick<Invocation, 'arrivedAt' | 'elapsedMs'> {
  readonly headers: Headers
  readonly inPath?: SaidInPath
  readBody(): Promise<Body>
}

export interface Counted {
  readonly tokens: number
  /** `estimate`: nobody at Bedrock counts for this model. */
  readonly by: 'bedrock' | 'estimate'
}

/** @throws Fault */
export async function countTokens(request: CountRequest, tools: CountTools): Promise<Counted> {
  const { headers, arrivedAt: at } = request
  const credential = readCredential(headers)
  warmRoutes(tools.routes, at)
  const { allowance, payer } = await identify(credential, tools.allowances, { at, spending: false })
  const caller = admitForFree(allowance, at)
  if (!caller.admitted) throw refusalOf(caller, at)

  const asked = toBeCounted(readMessageRequest(await request.readBody(), headers, request.inPath))
  const names = readModel(asked.model)
  // Counting is free, and fills nobody's minute: the client counts some twenty times at once.
  const verdict = admitForFree(allowance, at, names.name ?? names.stem)
  if (!verdict.admitted) throw refusalOf(verdict, at)
  const { errand } = await orUnavailable(routeOf({ asked, names, allowance, payer, at, headers }, tools.routes))
  const now = (): Instant => (at + Math.round(request.elapsedMs())) as Instant
  const [{ endpoint, model }] = errand.targets
  const tokens = await countWithBedrock(
    {
      endpoint,
      modelId: model.bedrockId,
      callIn: (way) => callForCount(way, { ...errand, now }, tools.routes.memory),
    },
    { upstreams: tools.routes.upstreams, memory: tools.counting, now },
  )
  return tokens === null ? { tokens: estimatePromptTokens(asked.body), by: 'estimate' } : { tokens, by: 'bedrock' }
}
