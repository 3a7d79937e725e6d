/**
 * POST /v1/messages/count_tokens. Free, so nothing is written down; Bedrock counts where it can, and for models it cannot
 * count for the gateway estimates, because the client only wants to know how full its context is.
 */
import { admit, refusalOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { readCredential } from '../admission/credential.ts'
import type { InvokeClient } from '../bedrock/invoke.client.ts'
import { toInvokeBody } from '../bedrock/to-bedrock.ts'
import type { Body } from '../http/body.ts'
import { targetOf } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import { estimateTokens } from '../spend/usage.ts'
import { identify } from './identify.flow.ts'
import { readMessageRequest } from './message-request.ts'

export interface CountTools {
  readonly allowances: AllowanceStore
  readonly bedrock: InvokeClient
  readonly inferenceProfilePrefix: string
}

/** @throws Fault */
export async function countTokens(headers: Headers, readBody: () => Promise<Body>, tools: CountTools): Promise<number> {
  const { allowance } = await identify(readCredential(headers), tools.allowances)
  const verdict = admit(allowance)
  if (!verdict.admitted) throw refusalOf(verdict)

  const asked = readMessageRequest(await readBody(), headers)
  const target = targetOf(asked.model, tools.inferenceProfilePrefix)
  const body = toInvokeBody(asked, headers.get('anthropic-beta'))
  try {
    return await tools.bedrock.countTokens({ bedrockId: target.bedrockId, model: asked.model, body })
  } catch (thrown) {
    if (thrown instanceof Fault) return estimateTokens(asked.bytes)
    throw thrown
  }
}
