/**
 * The beta flags that InvokeModel takes, as data. Bedrock ignores the `anthropic-beta` header and reads the body's
 * `anthropic_beta` instead; it refuses a whole request for one flag it does not know, so only known flags are passed.
 * Source: Amazon Bedrock user guide, "Anthropic Claude Messages API", and the flags other gateways found accepted.
 */

const ACCEPTED: ReadonlySet<string> = new Set([
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
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'tool-search-tool-2025-10-19',
])

/** What Bedrock knows under another name than Anthropic's API. */
const RENAMED: Readonly<Record<string, string>> = { 'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19' }

/** Header and body together, each flag once, in the order asked for. */
export function betasFor(header: string | null, body: unknown): readonly string[] {
  const asked = [...(header ?? '').split(','), ...(Array.isArray(body) ? body : [])]
  const known = asked
    .map((flag) => String(flag).trim())
    .map((flag) => RENAMED[flag] ?? flag)
    .filter((flag) => ACCEPTED.has(flag))
  return [...new Set(known)]
}
