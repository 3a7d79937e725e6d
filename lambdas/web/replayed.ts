/**
 * A conversation that comes back, with the blocks of server tools for the web in it, as the turns that the model took: its call of a
 * tool ends a turn, and the result is the next one's first word. Signatures of thinking and the prompt cache go by these turns.
 *
 * It may come from anywhere: cut into other messages, without results, or from Anthropic's own API. What Bedrock could not take of it is left out.
 */
import { isJsonObject, type Json, listOf, memberOf } from '../json/json-path.ts'
import { FETCH_RESULT, missingResult, modelIdOf, SEARCH_RESULT, toolResultOf } from './web-results.ts'

/** Server tools of the web; others, such as the search of tools, Bedrock knows. */
const NAMES: ReadonlySet<unknown> = new Set(['web_search', 'web_fetch'])

const isCall = (block: unknown): block is Json =>
  isJsonObject(block) && block.type === 'server_tool_use' && NAMES.has(block.name)
const isResult = (block: unknown): block is Json =>
  isJsonObject(block) && (block.type === SEARCH_RESULT || block.type === FETCH_RESULT)

/** Citations of what Anthropic's own search found, encrypted for it alone. */
const WEB_CITATION = 'web_search_result_location'
const citesWeb = (block: unknown): boolean => {
  const citations = memberOf(block, 'citations')
  return Array.isArray(citations) && citations.some((one) => memberOf(one, 'type') === WEB_CITATION)
}

const blocksOf = (message: unknown): readonly unknown[] => listOf(message, 'content')
const holds = (message: unknown): boolean =>
  blocksOf(message).some((block) => isCall(block) || isResult(block) || citesWeb(block))

export const holdsWebBlocks = (messages: readonly unknown[]): boolean => messages.some(holds)

/** @returns the messages; those without such a block are the very same. */
export function turnBack(messages: readonly unknown[]): readonly unknown[] {
  const results = resultsIn(messages)
  const turned: unknown[] = []
  let open: readonly string[] = []
  const answers = (): Json[] => open.map((id) => results.get(id) ?? missingResult(id))
  for (const message of messages) {
    const role = memberOf(message, 'role')
    if (role === 'user' && open.length > 0) {
      // What the last turn called comes before what its client answers.
      turned.push({ ...(message as Json), content: [...answers(), ...contentOf(message)] })
      open = []
    } else if (role !== 'assistant' || (open.length === 0 && !holds(message))) turned.push(message)
    else open = addTurns(message as Json, open, answers, turned, results)
  }
  if (open.length > 0) turned.push({ role: 'user', content: answers() })
  return turned
}

/** By the model's id of the call. */
function resultsIn(messages: readonly unknown[]): ReadonlyMap<unknown, Json> {
  const results = messages.flatMap(blocksOf).filter(isResult).map(toolResultOf)
  return new Map(results.map((result) => [result.tool_use_id, result]))
}

/**
 * @param open Calls of the turn before that nobody has answered yet.
 * @returns those of its last turn.
 */
function addTurns(
  message: Json,
  open: readonly string[],
  answers: () => Json[],
  turned: unknown[],
  results: ReadonlyMap<unknown, Json>,
): readonly string[] {
  let said: unknown[] = []
  let calls: string[] = []
  let ended = open.length > 0
  let pending = answers()
  const close = (): void => {
    if (said.length > 0) turned.push({ ...message, content: said })
    if (calls.length > 0) pending = calls.map((id) => results.get(id) ?? missingResult(id))
    if (pending.length > 0) turned.push({ role: 'user', content: pending })
    said = []
    calls = []
    pending = []
    ended = false
  }
  let left = open
  for (const block of blocksOf(message)) {
    if (isResult(block)) ended ||= calls.length > 0
    if (isResult(block) || !isWord(block)) continue
    if (ended) close()
    left = []
    const word = wordOf(block)
    if (isCall(block)) calls.push(String(memberOf(word, 'id')))
    said.push(word)
  }
  if (said.length > 0) turned.push({ ...message, content: said })
  return said.length > 0 ? calls : left
}

/** An empty text is nothing, and Bedrock refuses it. */
export const isWord = (block: unknown): boolean => memberOf(block, 'type') !== 'text' || memberOf(block, 'text') !== ''

/** As Bedrock takes it. */
const wordOf = (block: unknown): unknown => (isCall(block) ? callOf(block) : withoutWebCitations(block))

/** What a tool of the client's own has; who called it (`caller`) only Anthropic's platform knows. */
const callOf = ({ id, name, input, cache_control: mark }: Json): Json => ({
  type: 'tool_use',
  id: modelIdOf(String(id)),
  name,
  input,
  ...(mark !== undefined && { cache_control: mark }),
})

function withoutWebCitations(block: unknown): unknown {
  if (!citesWeb(block)) return block
  const { citations, ...rest } = block as Json & { readonly citations: readonly unknown[] }
  const left = citations.filter((one) => memberOf(one, 'type') !== WEB_CITATION)
  return left.length === 0 ? rest : { ...rest, citations: left }
}

function contentOf(message: unknown): readonly unknown[] {
  const content = memberOf(message, 'content')
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return blocksOf(message)
}
