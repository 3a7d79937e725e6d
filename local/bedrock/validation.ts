/** Refusals of the simulated Bedrock, in its own words and form. */
import { PROFILE_IDS } from './models.ts'

export interface Refusal {
  readonly status: number
  /** Told in `x-amzn-errortype`. */
  readonly type: string
  readonly message: string
  readonly retryAfterSeconds?: number | undefined
}

export type Json = Readonly<Record<string, unknown>>

const invalid = (message: string): Refusal => ({ status: 400, type: 'ValidationException', message })

/** The SigV4 credential scope, or a bearer. */
export interface Caller {
  readonly accessKeyId: string
  readonly region: string
}

const SCOPE =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/bedrock\/aws4_request, *SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/

/** The signature's form is checked, not its value: the simulator knows nobody's secret. */
export function callerOf(authorization: string | undefined): Caller | Refusal {
  const [, accessKeyId, region] = SCOPE.exec(authorization ?? '') ?? []
  if (accessKeyId !== undefined && region !== undefined) return { accessKeyId, region }
  if (authorization?.startsWith('Bearer ')) return { accessKeyId: 'bearer', region: 'us-east-1' }
  return { status: 403, type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }
}

export const isRefusal = (value: object): value is Refusal => 'status' in value

/** What InvokeModel demands of a body for Claude. Source: Amazon Bedrock user guide, "Anthropic Claude Messages API". */
export function refusalOf(modelId: string, body: Json): Refusal | undefined {
  const unknown = refusalOfModel(modelId)
  if (unknown !== undefined) return unknown
  if (body.anthropic_version !== 'bedrock-2023-05-31')
    return invalid("anthropic_version: Input should be 'bedrock-2023-05-31'")
  for (const extra of ['model', 'stream', 'betas'])
    if (extra in body) return invalid(`${extra}: Extra inputs are not permitted`)
  if (body.max_tokens === undefined) return invalid('max_tokens: Field required')
  if (!Number.isInteger(body.max_tokens) || Number(body.max_tokens) < 1)
    return invalid('max_tokens: Input should be greater than or equal to 1')
  return refusalOfMessages(body.messages)
}

export const refusalOfModel = (modelId: string): Refusal | undefined =>
  PROFILE_IDS.includes(modelId) ? undefined : invalid('The provided model identifier is invalid.')

export function refusalOfMessages(messages: unknown): Refusal | undefined {
  if (!Array.isArray(messages)) return invalid('messages: Field required')
  if (messages.length === 0) return invalid('messages: at least one message is required')
  const wrong = messages.findIndex(
    (message) => !['user', 'assistant', 'system'].includes((message as { role?: string }).role ?? ''),
  )
  return wrong < 0 ? undefined : invalid(`messages.${wrong}.role: Input should be 'user' or 'assistant'`)
}
