/**
 * What is known of Claude on Bedrock where nothing is written down. Sources: Amazon Bedrock user guide ("Anthropic Claude Messages API",
 * "Prompt caching"), Anthropic's "What's new" pages of the models, what Claude Code itself sends to Bedrock, and what other gateways have
 * found accepted or refused.
 */
import { TOOL_REFERENCE } from './removable-members.ts'
import type { ModelRule, TranslationRules } from './translation-rules.ts'

/** Think as they see fit, or not at all: there is no budget to give and no way to forbid it. */
const ALWAYS_ADAPTIVE = ['claude-opus-5-5', 'claude-fable-5-1']
const SONNET = ['claude-sonnet-5-5']
/** These refuse to be forced to call a tool. */
const NEVER_FORCED = [...ALWAYS_ADAPTIVE, ...SONNET]

const MODELS: readonly ModelRule[] = [
  {
    models: [...ALWAYS_ADAPTIVE, ...SONNET],
    path: 'thinking.type',
    values: ['enabled'],
    replaceBy: 'adaptive',
    without: ['thinking.budget_tokens'],
  },
  { models: ALWAYS_ADAPTIVE, path: 'thinking.type', values: ['disabled'], without: ['thinking'] },
  { models: SONNET, path: 'thinking.type', values: ['disabled'], replaceBy: 'between_tools' },
  {
    models: NEVER_FORCED,
    path: 'tool_choice.type',
    values: ['any', 'tool'],
    replaceBy: 'auto',
    without: ['tool_choice.name'],
  },
]

export const SEED_RULES: TranslationRules = {
  acceptedBetas: [
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
  ],
  // Services of Anthropic's own platform. What only InvokeModel refuses is missing in both lists.
  refusedBetas: [
    'advisor-tool-2026-03-01',
    'code-execution-2025-05-22',
    'code-execution-2025-08-25',
    'fast-mode-2026-02-01',
    'files-api-2025-04-14',
    'mcp-client-2025-04-04',
    'mcp-client-2025-11-20',
    'oauth-2025-04-20',
    'prompt-caching-scope-2026-01-05',
    'skills-2025-10-02',
    'web-fetch-2025-09-10',
  ],
  renamedBetas: { 'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19' },
  membersOfBeta: {
    'compact-2026-01-12': ['context_management'],
    'context-management-2025-06-27': ['context_management'],
    'dangerous-tool-use-2026-09-03': ['safeguards'],
    'effort-2025-11-24': ['output_config.effort'],
    'fast-mode-2026-02-01': ['speed'],
    'fine-grained-tool-streaming-2025-05-14': ['tools.*.eager_input_streaming'],
    'mcp-client-2025-04-04': ['mcp_servers'],
    'mcp-client-2025-11-20': ['mcp_servers'],
    'mid-conversation-output-config-2026-07-01': ['messages.*.output_config'],
    'per-turn-control-2026-07-01': ['messages.*.output_config'],
    'skills-2025-10-02': ['container'],
    'structured-outputs-2025-12-15': ['output_config.format'],
    'thinking-display-updates-2026-08-18': ['thinking.display'],
    'tool-examples-2025-10-29': ['tools.*.input_examples'],
    'tool-search-tool-2025-10-19': ['tools.*.defer_loading', TOOL_REFERENCE],
  },
  models: MODELS,
}
