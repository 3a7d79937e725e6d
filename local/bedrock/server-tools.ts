/** Tools that Anthropic's own platform runs and Bedrock does not. Its refusal as users of Bedrock have reported it. */
import type { Json } from './validation.ts'

const NOT_HERE = /^(?:web_search|web_fetch|code_execution)_\d/
const HERE = ['bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250124', 'text_editor_20250728']

/** @returns the refusal's message. */
export function refusalOfServerTools({ tools }: Json): string | undefined {
  if (!Array.isArray(tools)) return undefined
  const types = tools.map((tool) => String((tool as Json | null)?.type ?? 'custom'))
  const place = types.findIndex((type) => NOT_HERE.test(type))
  if (place < 0) return undefined
  const expected = HERE.map((type) => `'${type}'`).join(', ')
  return `tools.${place}: Input tag '${types[place]}' found using 'type' does not match any of the expected tags: ${expected}`
}
