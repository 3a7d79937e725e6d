/**
 * POST /v1/messages/count_tokens. Free, so nothing is written down; Bedrock counts where it can, and for models it cannot
 * count for the gateway estimates, because the client only wants to know how full its context is.
 */
import { admit, refusalOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { readCredential } from '../admission/credential.ts'
import { reachBedrock } from '../endpoints/reach.flow.ts'
import type { Body } from '../http/body.ts'
import type { Invocation } from '../http/invocation.ts'
import { readModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { estimateRequestTokens } from './estimate-tokens.ts'
import { identify, orUnavailable } from './identify.flow.ts'
import { readMessageRequest, type SaidInPath } from './message-request.ts'
import { type RouteTools, routeOf } from './route-request.flow.ts'

export interface CountTools {
  readonly allowances: AllowanceStore
  readonly routes: RouteTools
}

export interface CountRequest extends Pick<Invocation, 'arrivedAt' | 'elapsedMs'> {
  readonly headers: Headers
  readonly inPath?: SaidInPath
  readBody(): Promise<Body>
  waitUntil(errand: Promise<unknown>): void
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
  tools.routes.routing.warm()
  const { allowance, payer } = await identify(credential, tools.allowances)
  const verdict = admit(allowance)
  if (!verdict.admitted) throw refusalOf(verdict)

  const asked = readMessageRequest(await request.readBody(), headers, request.inPath)
  const names = readModel(asked.model)
  const { errand } = await orUnavailable(routeOf({ asked, names, allowance, payer, at, headers }, tools.routes))
  const clock = {
    now: () => (at + Math.round(request.elapsedMs())) as Instant,
    later: (promise: Promise<unknown>) => request.waitUntil(promise),
  }
  try {
    const reached = await reachBedrock(
      { ...errand, ...clock },
      (upstream, call) => upstream.countTokens(call),
      tools.routes,
    )
    return { tokens: reached.answer, by: 'bedrock' }
  } catch (thrown) {
    // A refusal in Bedrock's words concerns the counter; the request itself is judged when it is sent.
    if (thrown instanceof Fault) return { tokens: estimateRequestTokens(asked.body), by: 'estimate' }
    throw thrown
  }
}
