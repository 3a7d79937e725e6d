/**
 * What the books keep of a request beside its cost: who within the client asked, about which project, which tools it
 * answers, and what somebody may want to look into. Flags and counts only: no word of a prompt, no command, no path.
 */
import { createHash } from 'node:crypto'
import { isCorrection } from './corrections.ts'
import { dangersIn } from './dangerous-commands.ts'
import { type Flag, tally } from './flag.ts'
import { blocksOf, type Json, listOf, objectOf, shortened, textsOf } from './json.ts'
import { newTextsOf } from './new-texts.ts'
import { type NewTurn, newTurnOf } from './new-turn.ts'
import { projectKeyOf } from './project-key.ts'
import { holdsSecret, secretsIn } from './secrets.ts'

export interface ToolCount {
  readonly name: string
  readonly count: number
}

export interface RequestDetails {
  /** Of a subagent; `null` in the main conversation. */
  readonly agentId: string | null
  readonly parentAgentId: string | null
  readonly projectKey: string | null
  /** Messages in the conversation so far. */
  readonly turnCount: number
  /** `enabled`, `adaptive`, `disabled`, …; `null` where nothing is said. */
  readonly thinking: string | null
  readonly hasSystemPrompt: boolean
  /** First 16 hex digits of the SHA-256 of its JSON: whether two requests had the same, not which. `null` where there is none. */
  readonly systemPromptHash: string | null
  /** Kinds of content that are new in this request. */
  readonly contentTypes: readonly string[]
  /** The tools whose results this request brings. */
  readonly answeredTools: readonly ToolCount[]
  readonly toolErrors: number
  /** The MCP servers those tools belong to. */
  readonly mcpServers: readonly string[]
  readonly flags: readonly Flag[]
}

/** Of a request that nobody has looked at. */
export const NO_DETAILS: RequestDetails = {
  agentId: null,
  parentAgentId: null,
  projectKey: null,
  turnCount: 0,
  thinking: null,
  hasSystemPrompt: false,
  systemPromptHash: null,
  contentTypes: [],
  answeredTools: [],
  toolErrors: 0,
  mcpServers: [],
  flags: [],
}

/** An agent's id has 17 characters; a session's, 36. */
const LONGEST_ID = 100

/** Reads the new turn, and nothing of the conversation before it but the folder it is about. */
export function detailsOf(body: Json, headers: Headers): RequestDetails {
  const turn = newTurnOf(body)
  const answeredTools = toolsOf(turn)
  return {
    agentId: idOf(headers.get('x-claude-code-agent-id')),
    parentAgentId: idOf(headers.get('x-claude-code-parent-agent-id')),
    projectKey: projectKeyOf(body),
    turnCount: listOf(body.messages).length,
    thinking: kindOf(objectOf(body.thinking).type),
    hasSystemPrompt: blocksOf(body.system).some(({ text }) => text !== ''),
    systemPromptHash: hashOf(body.system),
    contentTypes: contentTypesOf(turn),
    answeredTools,
    toolErrors: resultsOf(turn).filter(({ is_error }) => is_error === true).length,
    mcpServers: serversOf(answeredTools),
    flags: flagsOf(body, turn),
  }
}

const idOf = (header: string | null): string | null => (header ? shortened(header, LONGEST_ID) : null)

const kindOf = (type: unknown): string | null => (typeof type === 'string' && /^[a-z_]{1,20}$/.test(type) ? type : null)

const HASH_DIGITS = 16

/** What nests deeper than it can be written is nobody's system prompt. */
function hashOf(system: unknown): string | null {
  if (system === undefined || system === null) return null
  try {
    return createHash('sha256').update(JSON.stringify(system)).digest('hex').slice(0, HASH_DIGITS)
  } catch (thrown) {
    if (thrown instanceof RangeError) return null
    throw thrown
  }
}

/** Anthropic has about twenty; a list beyond that is none of theirs. */
const MOST_TYPES = 20

const contentTypesOf = ({ since }: NewTurn): string[] =>
  [...new Set(since.flatMap(({ content }) => blocksOf(content)).map(({ type }) => type))]
    .filter((type) => typeof type === 'string')
    .filter((type) => /^[a-z_]{1,40}$/.test(type))
    .slice(0, MOST_TYPES)

const callsOf = ({ answer }: NewTurn): readonly Json[] =>
  blocksOf(answer?.content).filter(({ type }) => type === 'tool_use')

const resultsOf = ({ since }: NewTurn): readonly Json[] =>
  since.flatMap(({ content }) => blocksOf(content)).filter(({ type }) => type === 'tool_result')

/** What Anthropic's API takes for the name of a tool; another name is none that has run. */
const TOOL_NAME = /^[\w-]{1,128}$/
/** The settlement keeps as much of it. */
const LONGEST_NAME = 64
/** An answer rarely calls five; the list must stay small beside the row. */
const MOST_TOOLS = 20

function toolsOf(turn: NewTurn): ToolCount[] {
  const counts = new Map<string, number>()
  for (const { name } of callsOf(turn)) {
    if (typeof name !== 'string' || !TOOL_NAME.test(name) || holdsSecret(name)) continue
    const short = name.slice(0, LONGEST_NAME)
    if (counts.has(short) || counts.size < MOST_TOOLS) counts.set(short, (counts.get(short) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ name, count }))
}

/** A tool of an MCP server is named `mcp__<server>__<tool>`. */
function serversOf(tools: readonly ToolCount[]): string[] {
  return [...new Set(tools.flatMap(({ name }) => /^mcp__(.+?)__/.exec(name)?.[1] ?? []))]
}

function flagsOf(body: Json, turn: NewTurn): Flag[] {
  return tally([
    ...broadGlobsIn(turn),
    ...correctionsIn(turn),
    ...newTextsOf(body, turn).flatMap(secretsIn),
    ...callsOf(turn).flatMap(({ name, input }) => {
      const { command } = objectOf(input)
      return name === 'Bash' && typeof command === 'string' ? dangersIn(command) : []
    }),
  ])
}

const BROAD_GLOBS: ReadonlySet<unknown> = new Set(['**/*', '**/.*', '**/**', '*', '**'])

function broadGlobsIn(turn: NewTurn): Flag[] {
  const patterns = callsOf(turn).flatMap(({ name, input }) => (name === 'Glob' ? objectOf(input).pattern : []))
  const broad = patterns.filter((pattern) => typeof pattern === 'string' && BROAD_GLOBS.has(pattern.trim()))
  return broad.map(() => ({ category: 'discovery', rule: 'broad_glob_patterns', severity: 'info', count: 1 }))
}

/** A person's keywords stand in a sentence, not in a file they paste. */
const READ_OF_A_CORRECTION = 10_000

/** A person who speaks instead of letting the tool answer. */
function correctionsIn(turn: NewTurn): Flag[] {
  if (callsOf(turn).length === 0) return []
  const spoken = turn.since.filter(
    ({ role, content }) => role === 'user' && !blocksOf(content).some(({ type }) => type === 'tool_result'),
  )
  return spoken
    .filter(({ content }) => textsOf(content).some((text) => isCorrection(text.slice(0, READ_OF_A_CORRECTION))))
    .map(() => ({ category: 'correction', rule: 'negation_after_tool', severity: 'warning', count: 1 }))
}
