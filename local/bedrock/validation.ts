/** Refusals of the simulated Bedrock, in its own words and form. */

export interface Refusal {
  readonly status: number
  /** Told in `x-amzn-errortype`. */
  readonly type: string
  readonly message: string
  readonly retryAfterSeconds?: number | undefined
}

export type Json = Readonly<Record<string, unknown>>

export const invalid = (message: string): Refusal => ({ status: 400, type: 'ValidationException', message })

export const isRefusal = (value: object): value is Refusal => 'status' in value

/** Members of every Claude request. Source: Amazon Bedrock user guide, "Anthropic Claude Messages API". */
const MEMBERS = [
  'cache_control',
  'context_management',
  'max_tokens',
  'messages',
  'metadata',
  'output_config',
  'safeguards',
  'stop_sequences',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
]

const MEMBERS_OF = {
  invoke: [...MEMBERS, 'anthropic_version', 'anthropic_beta'],
  messages: [...MEMBERS, 'anthropic_version', 'model', 'stream'],
  count: [...MEMBERS.filter((member) => member !== 'max_tokens'), 'anthropic_version', 'model'],
} as const

/** What a request is made as: by InvokeModel, by the native Messages API, or for the latter's count alone. */
export type Form = keyof typeof MEMBERS_OF

/** @returns what is wrong with the members of a body, whatever the model. */
export function refusalOfForm(form: Form, body: Json): Refusal | undefined {
  if (form === 'invoke' && body.anthropic_version !== 'bedrock-2023-05-31')
    return invalid("anthropic_version: Input should be 'bedrock-2023-05-31'")
  const known: readonly string[] = MEMBERS_OF[form]
  const extra = Object.keys(body).find((member) => !known.includes(member))
  if (extra !== undefined) return invalid(`${extra}: Extra inputs are not permitted`)
  if (form !== 'count') {
    if (body.max_tokens === undefined) return invalid('max_tokens: Field required')
    if (!Number.isInteger(body.max_tokens) || Number(body.max_tokens) < 1)
      return invalid('max_tokens: Input should be greater than or equal to 1')
  }
  return refusalOfMessages(body.messages, [])
}

/** @param refused Roles that are not taken although the simulator knows them. */
export function refusalOfMessages(messages: unknown, refused: readonly string[]): Refusal | undefined {
  if (!Array.isArray(messages)) return invalid('messages: Field required')
  if (messages.length === 0) return invalid('messages: at least one message is required')
  const roles = ['user', 'assistant', 'system'].filter((role) => !refused.includes(role))
  const wrong = messages.findIndex((message) => !roles.includes((message as { role?: string }).role ?? ''))
  return wrong < 0 ? undefined : invalid(`messages.${wrong}.role: Input should be 'user' or 'assistant'`)
}
