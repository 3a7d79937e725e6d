/**
 * A conversation that comes back, with the blocks of server tools for the web in it, as the turns that the model took: its call of a
 * tool ends a turn, and the result is the next one's first word. Signatures of thinking and the prompt cache go by these turns.
 */
import { isJsonObject, type Json, memberOf } from '../json/json-path.ts'
import { FETCH_RESULT, missingResult, modelIdOf, SEARCH_RESULT, toolResultOf } from './web-results.ts'

/** Server tools of the web; others, such as the search of tools, Bedrock knows. */
const NAMES: ReadonlySet<unknown> = new Set(['web_search', 'web_fetch'])

const isCall = (block: unknown): block is Json =>
  isJsonObject(block) && block.type === 'server_tool_use' && NAMES.has(block.name)
const isResult = (block: unknown): block is Json =>
  isJsonObject(block) && (block.type === SEARCH_RESULT || block.type === FETCH_RESULT)

const blocksOf = (message: unknown): readonly unknown[] => {
  const content = memberOf(message, 'content')
  return Array.isArray(content) ? content : []
}

export const holdsWebBlocks = (messages: readonly unknown[]): boolean =>
  messages.some((message) => blocksOf(message).some((block) => isCall(block) || isResult(block)))

/** @returns the messages; those without such a block are the very same. */
export function turnBack(messages: readonly unknown[]): readonly unknown[] {
  const turned: unknown[] = []
  let open: readonly Json[] = []
  for (const message of messages) {
    const isAssistant = memberOf(message, 'role') === 'assistant'
    if (open.length > 0) {
      // What the last turn called comes before what its client answers; where nobody answers, it stands alone.
      const joins = !isAssistant && memberOf(message, 'role') === 'user'
      turned.push(joins ? { ...(message as Json), content: [...open, ...contentOf(message)] } : userTurn(open))
      open = []
      if (joins) continue
    }
    if (!isAssistant || !holdsWebBlocks([message])) turned.push(message)
    else {
      const { turns, results } = turnsOf(message as Json)
      turned.push(...turns)
      open = results
    }
  }
  return open.length > 0 ? [...turned, userTurn(open)] : turned
}

const userTurn = (content: readonly Json[]): Json => ({ role: 'user', content })

function contentOf(message: unknown): readonly unknown[] {
  const content = memberOf(message, 'content')
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return Array.isArray(content) ? content : []
}

/** @returns the turns, and the results that nothing of the model follows. */
function turnsOf(message: Json): { turns: Json[]; results: readonly Json[] } {
  const turns: Json[] = []
  let said: unknown[] = []
  let calls: string[] = []
  let results: Json[] = []
  const answered = (): readonly Json[] => {
    const known = new Map(results.map((result) => [result.tool_use_id, result]))
    return calls.map((id) => known.get(id) ?? missingResult(id))
  }
  const close = (): void => {
    turns.push({ ...message, content: said }, userTurn(answered()))
    said = []
    calls = []
    results = []
  }
  for (const block of blocksOf(message)) {
    if (isResult(block)) {
      results.push(toolResultOf(block))
      continue
    }
    if (results.length > 0) close()
    if (isCall(block)) {
      const id = modelIdOf(String(block.id))
      calls.push(id)
      said.push({ ...block, type: 'tool_use', id })
    } else said.push(block)
  }
  if (said.length > 0) turns.push({ ...message, content: said })
  return { turns, results: answered() }
}
