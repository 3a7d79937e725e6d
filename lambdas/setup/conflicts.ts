/** Variables that lead Claude Code elsewhere, or make it ask for models by names of another provider. */
export const CONFLICTING_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_API_KEY_HELPER_TTL_MS',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
  'ANTHROPIC_BEDROCK_BASE_URL',
  'CLAUDE_CODE_SKIP_BEDROCK_AUTH',
  'ANTHROPIC_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_SMALL_FAST_MODEL',
  'DISABLE_PROMPT_CACHING',
] as const

/**
 * In the shell these do not win: what the settings file says of them (or, for the API key, of the token) goes first.
 * Measured with Claude Code 2.1.331. They are told, and nothing more.
 */
export const OUTDONE_VARIABLES = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY'] as const
