/**
 * The beta flags Bedrock takes, as data. One that it does not know costs the whole request.
 * Source: Amazon Bedrock user guide, "Anthropic Claude Messages API", and what other gateways found accepted and refused.
 */

const INVOKE = [
  'claude-code-20250219',
  'compact-2026-01-12',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dangerous-tool-use-2026-09-03',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'mid-conversation-output-config-2026-07-01',
  'mid-conversation-tool-changes-2026-07-01',
  'structured-outputs-2025-12-15',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'thinking-token-count-2026-05-13',
  'tool-search-tool-2025-10-19',
]

/** The native Messages API goes by Anthropic's own names, so it takes what needs another one for InvokeModel, and more. */
const MESSAGES = [
  ...INVOKE,
  'advanced-tool-use-2025-11-20',
  'extended-cache-ttl-2025-04-11',
  'output-128k-2025-02-19',
  'per-turn-control-2026-07-01',
  'redact-thinking-2026-02-12',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
]

export const KNOWN_BETAS = { invoke: INVOKE, messages: MESSAGES } as const

/** Members of the body that are extra unless one of their flags is there. */
export const MEMBERS_OF_BETAS: readonly { readonly member: string; readonly flags: readonly string[] }[] = [
  { member: 'context_management', flags: ['context-management-2025-06-27', 'compact-2026-01-12'] },
  { member: 'safeguards', flags: ['dangerous-tool-use-2026-09-03'] },
  { member: 'tools.*.defer_loading', flags: ['tool-search-tool-2025-10-19', 'advanced-tool-use-2025-11-20'] },
  { member: 'tools.*.input_examples', flags: ['tool-examples-2025-10-29', 'advanced-tool-use-2025-11-20'] },
]
