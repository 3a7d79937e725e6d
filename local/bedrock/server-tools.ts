/** Tools that Anthropic's own platform runs and Bedrock does not. Its refusal as users of Bedrock have reported it. */
import type { Json } from './validation.ts'

const NOT_HERE = /^(?:web_search|web_fetch|code_execution)_\d/
const HERE = ['bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250124', 'text_editor_20250728']

/** Blocks that only those tools make. */
const BLOCKS_NOT_HERE = /^(?:web_search|web_fetch|code_execution)_tool_result$/

/** @returns the refusal's message. */
export function refusalOfServerTools({ tools, messages }: Json): string | undefined {
  return refusalOfTools(tools) ?? refusalOfBlocks(messages)
}

function refusalOfTools(tools: unknown): string | undefined {
  if (!Array.isArray(tools)) return undefined
  const types = tools.map((tool) => String((tool as Json | null)?.type ?? 'custom'))
  const place = types.findIndex((type) => NOT_HERE.test(type))
  return place < 0 ? undefined : unknownTag(`tools.${place}`, types[place], HERE)
}

function refusalOfBlocks(messages: unknown): string | undefined {
  for (const [place, message] of (messages as Json[]).entries()) {
    const blocks = Array.isArray(message.content) ? (message.content as Json[]) : []
    const wrong = blocks.findIndex(({ type, name }) =>
      type === 'server_tool_use' ? /^web_/.test(String(name)) : BLOCKS_NOT_HERE.test(String(type)),
    )
    if (wrong >= 0) {
      return unknownTag(`messages.${place}.content.${wrong}`, blocks[wrong]?.type, ['text', 'tool_result', 'tool_use'])
    }
  }
  return undefined
}

const unknownTag = (path: string, tag: unknown, expected: readonly string[]): string =>
  `${path}: Input tag '${String(tag)}' found using 'type' does not match any of the expected tags: ${expected.map((type) => `'${type}'`).join(', ')}`

/** Each call is answered in the very next message, and nothing is answered that was not called. @returns the refusal's message. */
export function refusalOfPairs({ messages }: Json): string | undefined {
  const list = messages as Json[]
  for (const [place, message] of list.entries()) {
    const called = idsIn(message, 'tool_use', 'id')
    const answered = idsIn(list[place + 1], 'tool_result', 'tool_use_id')
    const open = called.filter((id) => !answered.includes(id))
    if (open.length > 0 && place + 1 < list.length) {
      return `messages.${place}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
    }
    const before = idsIn(list[place - 1], 'tool_use', 'id')
    const strange = idsIn(message, 'tool_result', 'tool_use_id').find((id) => !before.includes(id))
    if (strange !== undefined) {
      return `messages.${place}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${strange}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    }
  }
  return undefined
}

const idsIn = (message: Json | undefined, type: string, name: string): string[] =>
  Array.isArray(message?.content)
    ? (message.content as Json[]).flatMap((block) => (block.type === type ? [String(block[name])] : []))
    : []
