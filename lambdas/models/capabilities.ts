/**
 * What models can on Bedrock, for those who ask before they send. A model that is not here is listed without: a client that is told
 * nothing takes its own defaults, one that is told wrong things fails.
 * Sources: Amazon Bedrock user guide, model cards of Claude; Anthropic API reference, "Models" (the shape).
 */

export interface Supported {
  readonly supported: boolean
}

export interface ModelCapabilities {
  readonly batch: Supported
  readonly citations: Supported
  readonly code_execution: Supported
  readonly context_management: Supported & {
    readonly clear_thinking_20251015: Supported
    readonly clear_tool_uses_20250919: Supported
    readonly compact_20260112: Supported
  }
  readonly effort: Supported & Readonly<Record<'low' | 'medium' | 'high' | 'xhigh' | 'max', Supported>>
  readonly image_input: Supported
  readonly pdf_input: Supported
  readonly server_tools: Supported & { readonly code_execution: Supported; readonly web_search: Supported }
  readonly structured_outputs: Supported
  readonly thinking: Supported & { readonly types: { readonly adaptive: Supported; readonly enabled: Supported } }
}

export interface ModelLimits {
  readonly capabilities: ModelCapabilities
  readonly maxInputTokens: number
  readonly maxTokens: number
}

interface Generation {
  readonly names: readonly string[]
  readonly maxInputTokens: number
  readonly maxTokens: number
  readonly effort: boolean
  readonly adaptive: boolean
  /** `thinking.type: enabled` with a budget. */
  readonly budgeted: boolean
  readonly structured: boolean
}

const GENERATIONS: readonly Generation[] = [
  {
    names: ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1', 'claude-fable-5-2'],
    maxInputTokens: 1_000_000,
    maxTokens: 128_000,
    effort: true,
    adaptive: true,
    budgeted: false,
    structured: false,
  },
  {
    names: ['claude-opus-5', 'claude-sonnet-5', 'claude-fable-5', 'claude-opus-4-8', 'claude-opus-4-7'],
    maxInputTokens: 1_000_000,
    maxTokens: 128_000,
    effort: true,
    adaptive: true,
    budgeted: true,
    structured: false,
  },
  {
    names: ['claude-opus-4-6', 'claude-sonnet-4-6'],
    maxInputTokens: 1_000_000,
    maxTokens: 64_000,
    effort: true,
    adaptive: true,
    budgeted: true,
    structured: true,
  },
  {
    names: ['claude-opus-4-5'],
    maxInputTokens: 200_000,
    maxTokens: 64_000,
    effort: true,
    adaptive: false,
    budgeted: true,
    structured: true,
  },
  {
    names: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
    maxInputTokens: 200_000,
    maxTokens: 64_000,
    effort: false,
    adaptive: false,
    budgeted: true,
    structured: true,
  },
]

/** @param name Anthropic's undated name. */
export function limitsOf(name: string): ModelLimits | null {
  const generation = GENERATIONS.find(({ names }) => names.includes(name))
  if (generation === undefined) return null
  const { maxInputTokens, maxTokens } = generation
  return { capabilities: capabilitiesOf(generation), maxInputTokens, maxTokens }
}

const yes: Supported = { supported: true }
const no: Supported = { supported: false }
const when = (supported: boolean): Supported => ({ supported })

const capabilitiesOf = ({ effort, adaptive, budgeted, structured }: Generation): ModelCapabilities => ({
  batch: no,
  citations: yes,
  code_execution: no,
  context_management: {
    supported: true,
    clear_thinking_20251015: yes,
    clear_tool_uses_20250919: yes,
    compact_20260112: when(adaptive),
  },
  effort: {
    supported: effort,
    low: when(effort),
    medium: when(effort),
    high: when(effort),
    xhigh: when(effort && !structured),
    max: when(effort && adaptive),
  },
  image_input: yes,
  pdf_input: yes,
  // The gateway's own, where Bedrock has none.
  server_tools: { supported: true, code_execution: no, web_search: yes },
  structured_outputs: when(structured),
  thinking: { supported: true, types: { adaptive: when(adaptive), enabled: when(budgeted) } },
})
