/** One call of the Runtime: how it goes into the books, what Bedrock refuses of it, and the counting of its tokens. */
import type { BedrockCaller } from './identity.ts'
import { COUNTED } from './model-limits.ts'
import type { Resolved } from './profiles.ts'
import { refusalOfRequest } from './refusals.ts'
import { sendJson } from './respond.ts'
import type { CallRules } from './script.ts'
import { type CallHeaders, NOTHING_BILLED, type Operation, type UpstreamCall } from './tally.ts'
import type { Response } from './two-protocols.ts'
import { tokensOf } from './usage.ts'
import { invalid, isRefusal, type Json, type Refusal, refusalOfMessages } from './validation.ts'

export interface Asked {
  readonly operation: Operation
  /** `undefined`: the body names the model. */
  readonly modelId: string | undefined
  readonly text: string
  readonly caller: BedrockCaller
}

/** @param place Its place in the books. */
export function callOf(
  headers: CallHeaders,
  { operation, modelId, text, caller }: Asked,
  body: Json,
  { place, keepBodies }: { readonly place: number; readonly keepBodies: boolean },
): UpstreamCall {
  const inBody = modelId !== undefined && {
    anthropicVersion: typeof body.anthropic_version === 'string' ? body.anthropic_version : undefined,
    betas: Array.isArray(body.anthropic_beta) ? body.anthropic_beta.map(String) : [],
  }
  return {
    id: `msg_sim_${String(place).padStart(8, '0')}`,
    operation,
    modelId: modelId ?? String(body.model),
    region: caller.region,
    account: caller.account,
    accessKeyId: caller.accessKeyId,
    sessionTags: caller.sessionTags,
    requestBytes: Buffer.byteLength(text),
    ...headers,
    ...inBody,
    ...(keepBodies && { body, text }),
    outcome: 'running',
    usage: NOTHING_BILLED,
    eventsSent: 0,
  }
}

/** What a call is judged by. */
export interface Case {
  readonly call: UpstreamCall
  readonly body: Json
  readonly text: string
  readonly resolved: Resolved | Refusal
  /** Anthropic's undated name. */
  readonly model: string
  readonly rules: CallRules
}

export function refusalOfCall({ call, body, text, resolved, model, rules }: Case): Refusal | undefined {
  if (call.operation === 'count-tokens') return refusalOfCount({ call, body, text, resolved, model, rules })
  if (isRefusal(resolved)) return resolved
  if (call.operation === 'converse' || call.operation === 'converse-stream') return refusalOfMessages(body.messages, [])
  if (!resolved.model.startsWith('anthropic.')) return OTHER_VENDOR
  const { betas } = call
  const tokens = tokensOf(text.length)
  if (call.operation !== 'messages' && call.operation !== 'messages-count-tokens')
    return refusalOfRequest({ form: 'invoke', body, betas, model, tokens }, rules)
  if (call.anthropicVersion === undefined && body.anthropic_version === undefined)
    return invalid('anthropic-version: header is required')
  if (call.operation === 'messages') return refusalOfRequest({ form: 'messages', body, betas, model, tokens }, rules)
  const uncounted = refusalToCount(rules.countTokens.messages ?? true)
  return uncounted ?? refusalOfRequest({ form: 'count', body, betas, model, tokens }, rules)
}

/** Each vendor's bodies have members of their own. */
const OTHER_VENDOR = invalid(
  'Malformed input request: #: extraneous key [anthropic_version] is not permitted, please reformat your input and try again.',
)

/** It counts for some models under their own ids, and not under those of their profiles. */
function refusalOfCount({ call, body, model, rules }: Case): Refusal | undefined {
  const refusal = refusalToCount(rules.countTokens.invoke ?? COUNTED.includes(call.modelId))
  if (refusal !== undefined) return refusal
  const text = countedText(body)
  if (text === undefined) return undefined
  const inner = JSON.parse(text) as Json
  const betas = Array.isArray(inner.anthropic_beta) ? inner.anthropic_beta.map(String) : []
  return refusalOfRequest({ form: 'invoke', body: inner, betas, model, tokens: tokensOf(text.length) }, rules)
}

function refusalToCount(counts: boolean | Refusal): Refusal | undefined {
  if (typeof counts !== 'boolean') return counts
  return counts ? undefined : invalid("The provided model doesn't support counting tokens.")
}

/** The body that InvokeModel would be given; `undefined` where Converse's is asked about. */
function countedText(body: Json): string | undefined {
  const invoke = (body.input as Json | undefined)?.invokeModel as Json | undefined
  return invoke === undefined ? undefined : Buffer.from(String(invoke.body ?? ''), 'base64').toString('utf8')
}

export const isCount = (operation: Operation): boolean =>
  operation === 'count-tokens' || operation === 'messages-count-tokens'

export function answerCount(response: Response, call: UpstreamCall, body: Json, text: string): void {
  call.outcome = 'completed'
  if (call.operation === 'messages-count-tokens') return sendJson(response, { input_tokens: tokensOf(text.length) })
  sendJson(response, { inputTokens: tokensOf(countedText(body)?.length ?? text.length) })
}
