/** A request as Bedrock takes it: the web's server tools stand in it as ordinary ones, and so does what came of them before. */
import { JsonEdit, type Piece } from '../json/json-edit.ts'
import { isJsonObject, type Json, listOf, memberOf } from '../json/json-path.ts'
import { holdsWebBlocks, isWord, turnBack } from './replayed.ts'
import { replacementOf, type WebTool } from './web-tools.ts'

export interface Written {
  /** JSON as UTF-8. */
  readonly utf8: Uint8Array
  /** The same, parsed. */
  readonly body: Json
}

/** A quick look, before every block of every message is looked at. */
const MAY_HOLD = /"web_(?:search|fetch)/

/** @param text The body as it came. */
export const concernsWeb = (text: string): boolean => MAY_HOLD.test(text)

/** @param offered Those that the model may call; the others of `tools` are taken out. */
export function withWebTools(
  written: Written,
  tools: readonly WebTool[],
  offered: (tool: WebTool) => boolean,
): Written {
  const { body } = written
  const messages = listOf(body, 'messages')
  const holds = holdsWebBlocks(messages)
  const left = listOf(body, 'tools').flatMap((one, place) => {
    const tool = tools.find((web) => web.place === place)
    if (tool === undefined) return [one]
    return offered(tool) ? [replacementOf(tool, memberOf(one, 'cache_control'))] : []
  })
  return changed(written, {
    ...(holds && { messages: turnBack(messages) }),
    ...(tools.length > 0 && { tools: left.length > 0 ? left : undefined }),
    ...(lacksChoice(body, left) && { tool_choice: undefined }),
    // A conversation in which tools were called has to say which there are; called they may not be.
    ...(holds && left.length === 0 && { tools: SPENT_TOOLS, tool_choice: { type: 'none' } }),
  })
}

/** The request with some members said otherwise; `undefined`: not at all. */
function changed(written: Written, members: Readonly<Record<string, unknown>>): Written {
  if (Object.keys(members).length === 0) return written
  const { utf8, body } = written
  const edit = new JsonEdit(utf8)
  const next: Record<string, unknown> = { ...body }
  for (const [name, value] of Object.entries(members)) {
    const json = JSON.stringify(value)
    if (value === undefined) edit.remove([name])
    else if (Object.hasOwn(body, name)) edit.replace([name], json)
    else edit.append([], [`${JSON.stringify(name)}:${json}`])
    if (value === undefined) delete next[name]
    else next[name] = value
  }
  return { utf8: edit.bytes(), body: next }
}

const NO_RULE = { allowedDomains: null, blockedDomains: null }
const NOTHING_SAID = { place: 0, maxUses: null, location: null, maxTokens: null, cites: false, ...NO_RULE }
const SPENT_TOOLS = (['search', 'fetch'] as const).map((kind) =>
  replacementOf({ kind, name: `web_${kind}`, ...NOTHING_SAID }, undefined),
)

/** There is nothing to choose from any more, or not what it names. */
function lacksChoice(body: Json, left: readonly unknown[]): boolean {
  const choice = memberOf(body, 'tool_choice')
  if (choice === undefined) return false
  const name = memberOf(choice, 'name')
  return left.length === 0 || (typeof name === 'string' && !left.some((tool) => memberOf(tool, 'name') === name))
}

/** The next turn of the same request: what the model said, and what came of its calls. */
export function nextTurn(
  written: Written,
  said: readonly Json[],
  results: readonly Json[],
  choice: 'free' | 'none',
): Written {
  const turns = [
    { role: 'assistant', content: said.filter(isWord) },
    { role: 'user', content: results },
  ]
  const edit = new JsonEdit(written.utf8)
  edit.append(
    ['messages'],
    turns.map((turn): Piece => JSON.stringify(turn)),
  )
  const body = { ...written.body, messages: [...listOf(written.body, 'messages'), ...turns] }
  const chosen = choiceNow(memberOf(body, 'tool_choice'), choice)
  return changed({ utf8: edit.bytes(), body }, chosen === undefined ? {} : { tool_choice: chosen })
}

/** What was forced has been done; forced again, the model would never come to an answer. @returns nothing where it stays. */
function choiceNow(choice: unknown, wanted: 'free' | 'none'): Json | undefined {
  if (wanted === 'none') return { type: 'none' }
  if (!isJsonObject(choice) || (choice.type !== 'any' && choice.type !== 'tool')) return undefined
  const { disable_parallel_tool_use: alone } = choice
  return { type: 'auto', ...(alone !== undefined && { disable_parallel_tool_use: alone }) }
}
