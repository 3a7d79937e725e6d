/** A request as Bedrock takes it: the web's server tools stand in it as ordinary ones, and so does what came of them before. */
import { JsonEdit, type Piece } from '../json/json-edit.ts'
import { isJsonObject, type Json, memberOf } from '../json/json-path.ts'
import { holdsWebBlocks, turnBack } from './replayed.ts'
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
  { utf8, body }: Written,
  tools: readonly WebTool[],
  offered: (tool: WebTool) => boolean,
): Written {
  const edit = new JsonEdit(utf8)
  const next: Record<string, unknown> = { ...body }
  const change = (name: string, value: unknown): void => {
    next[name] = value
    if (Object.hasOwn(body, name)) edit.replace([name], JSON.stringify(value))
    else edit.append([], [`${JSON.stringify(name)}:${JSON.stringify(value)}`])
  }
  const drop = (name: string): void => {
    delete next[name]
    edit.remove([name])
  }
  const given = listIn(body, 'tools')
  const messages = listIn(body, 'messages')
  const holds = holdsWebBlocks(messages)
  if (holds) change('messages', turnBack(messages))
  if (tools.length > 0) {
    for (const tool of tools) {
      const replacement = replacementOf(tool, memberOf(given[tool.place], 'cache_control'))
      if (offered(tool)) edit.replace(['tools', tool.place], JSON.stringify(replacement))
      else edit.remove(['tools', tool.place])
    }
    next.tools = given.flatMap((one, place) => {
      const tool = tools.find((web) => web.place === place)
      if (tool === undefined) return [one]
      return offered(tool) ? [replacementOf(tool, memberOf(one, 'cache_control'))] : []
    })
  }
  const left = listIn(next, 'tools')
  if (isNamedByChoice(body, left)) drop('tool_choice')
  if (left.length === 0 && holds) {
    // A conversation in which tools were called has to say which there are; called they may not be.
    if (tools.length > 0) edit.remove(['tools'])
    addMember(edit, next, 'tools', SPENT_TOOLS)
    if (Object.hasOwn(next, 'tool_choice')) edit.remove(['tool_choice'])
    addMember(edit, next, 'tool_choice', { type: 'none' })
  } else if (left.length === 0 && tools.length > 0) {
    drop('tools')
    if (Object.hasOwn(next, 'tool_choice')) drop('tool_choice')
  }
  return { utf8: edit.bytes(), body: next }
}

function addMember(edit: JsonEdit, next: Record<string, unknown>, name: string, value: unknown): void {
  next[name] = value
  edit.append([], [`${JSON.stringify(name)}:${JSON.stringify(value)}`])
}

const NO_RULE = { allowedDomains: null, blockedDomains: null }
const NOTHING_SAID = { place: 0, maxUses: null, location: null, maxTokens: null, cites: false, ...NO_RULE }
const SPENT_TOOLS = (['search', 'fetch'] as const).map((kind) =>
  replacementOf({ kind, name: `web_${kind}`, ...NOTHING_SAID }, undefined),
)

/** `{type:"tool",name}` for a tool that is not there any more. */
const isNamedByChoice = (body: Json, left: readonly unknown[]): boolean => {
  const name = memberOf(memberOf(body, 'tool_choice'), 'name')
  return typeof name === 'string' && !left.some((tool) => memberOf(tool, 'name') === name)
}

/** The next turn of the same request: what the model said, and what came of its calls. */
export function nextTurn(
  { utf8, body }: Written,
  said: readonly Json[],
  results: readonly Json[],
  choice: 'free' | 'none',
): Written {
  const edit = new JsonEdit(utf8)
  const turns = [
    { role: 'assistant', content: said },
    { role: 'user', content: results },
  ]
  edit.append(
    ['messages'],
    turns.map((turn): Piece => JSON.stringify(turn)),
  )
  const next: Record<string, unknown> = { ...body, messages: [...listIn(body, 'messages'), ...turns] }
  const chosen = choiceNow(memberOf(body, 'tool_choice'), choice)
  if (chosen !== undefined) {
    if (Object.hasOwn(body, 'tool_choice')) edit.replace(['tool_choice'], JSON.stringify(chosen))
    else edit.append([], [`"tool_choice":${JSON.stringify(chosen)}`])
    next.tool_choice = chosen
  }
  return { utf8: edit.bytes(), body: next }
}

/** What was forced has been done; forced again, the model would never come to an answer. @returns nothing where it stays. */
function choiceNow(choice: unknown, wanted: 'free' | 'none'): Json | undefined {
  if (wanted === 'none') return { type: 'none' }
  if (!isJsonObject(choice) || (choice.type !== 'any' && choice.type !== 'tool')) return undefined
  const { disable_parallel_tool_use: alone } = choice
  return { type: 'auto', ...(alone !== undefined && { disable_parallel_tool_use: alone }) }
}

const listIn = (body: Json | Readonly<Record<string, unknown>>, name: string): readonly unknown[] => {
  const list = memberOf(body, name)
  return Array.isArray(list) ? list : []
}
