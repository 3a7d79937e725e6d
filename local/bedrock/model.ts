/** The simulated model: what it answers to a conversation, as content blocks and as the events of a stream. */
import type { Behaviour } from './script.ts'
import type { BilledUsage } from './tally.ts'
import { finalUsageJson, tokensOf, usageJson } from './usage.ts'
import type { Json } from './validation.ts'

export type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Json }

export interface Answer {
  readonly id: string
  readonly modelId: string
  readonly blocks: readonly Block[]
  readonly stopReason: string
  /** Verdicts on the tools called, where the request asked for them. */
  readonly safeguards: readonly Json[] | undefined
}

/** Every plain answer says this, so that a test can tell it. */
const GREETING = 'Hello from the simulated model.'

export function answerTo(
  body: Json,
  behaviour: Behaviour | undefined,
  call: { id: string; modelId: string; seed: number },
): Answer {
  const blocks = blocksOf(body, behaviour, call)
  const calls = blocks.some((block) => block.type === 'tool_use')
  const asTold =
    behaviour?.kind === 'stop' ? behaviour.reason : behaviour?.kind === 'tool' ? behaviour.stops : undefined
  const stopReason = asTold ?? (calls ? 'tool_use' : 'end_turn')
  return { id: call.id, modelId: call.modelId, blocks, stopReason, safeguards: verdictsOn(blocks, body, behaviour) }
}

/** The one safeguard there is judges tool calls; here none is dangerous unless the script says so. */
function verdictsOn(
  blocks: readonly Block[],
  { safeguards }: Json,
  behaviour: Behaviour | undefined,
): readonly Json[] | undefined {
  if (!Array.isArray(safeguards)) return undefined
  const explanation = behaviour?.kind === 'tool' ? behaviour.flagged : undefined
  const verdict =
    explanation === undefined
      ? { type: 'evaluated', outcome: 'not_flagged' }
      : { type: 'evaluated', outcome: 'flagged', explanation }
  const verdicts = blocks.flatMap((block) => (block.type === 'tool_use' ? [[block.id, verdict]] : []))
  return safeguards.map(({ type }: Json) => ({
    type,
    status: { type: 'available', tool_uses: Object.fromEntries(verdicts) },
  }))
}

/** Told beside the stop reason. */
const verdictJson = ({ safeguards }: Answer): Json =>
  safeguards === undefined ? {} : { safeguard_results: safeguards }

function blocksOf(
  body: Json,
  behaviour: Behaviour | undefined,
  { id, seed }: { id: string; seed: number },
): readonly Block[] {
  if (behaviour?.kind === 'text')
    return [{ type: 'text', text: behaviour.text ?? wordsOf(behaviour.tokens ?? 8, seed) }]
  if (behaviour?.kind === 'thinking') return [thought(behaviour.text), greeting]
  if (behaviour?.kind === 'tool') {
    const before = behaviour.thinking === undefined ? [] : [thought(behaviour.thinking)]
    const beside = (behaviour.also ?? []).map(
      ({ name, input }, place): Block => ({ type: 'tool_use', id: `toolu_${id}_${place + 1}`, name, input }),
    )
    return [...before, ...toolUse(id, behaviour.name, behaviour.input), ...beside]
  }
  return behaviour === undefined ? converse(body, id, seed) : [greeting]
}

const thought = (thinking: string): Block => ({
  type: 'thinking',
  thinking,
  signature: Buffer.from(`signed:${thinking}`).toString('base64'),
})

const greeting: Block = { type: 'text', text: GREETING }

const toolUse = (id: string, name: string, input: Json): readonly Block[] => [
  { type: 'text', text: `I will use ${name}.` },
  { type: 'tool_use', id: `toolu_${id}`, name, input },
]

/** Without a script the conversation decides: a result is told back, a wish for a command is granted, a wish for JSON too. */
function converse(body: Json, id: string, seed: number): readonly Block[] {
  const last = lastUserMessage(body)
  const results = blocksIn(last).filter((block) => block.type === 'tool_result')
  if (results.length > 0)
    return [{ type: 'text', text: `The tool said: ${results.map((result) => textOf(result.content)).join(' ')}` }]
  const schema = ((body.output_config as Json | undefined)?.format as Json | undefined)?.schema as Json | undefined
  if (schema !== undefined) {
    return [
      {
        type: 'text',
        text: JSON.stringify(
          Object.fromEntries(((schema.required as string[]) ?? []).map((name) => [name, 'simulated'])),
        ),
      },
    ]
  }
  const command = /run the tool: (.+)/.exec(textOf(last?.content))?.[1]?.trim()
  if (command !== undefined && hasTool(body, 'Bash'))
    return toolUse(id, 'Bash', { command, description: 'Run what was asked for' })
  // As Claude Code words the request that its WebSearch makes.
  const query = /web search for the query: (.+)/.exec(textOf(last?.content))?.[1]?.trim()
  if (query !== undefined && hasTool(body, 'web_search')) return toolUse(id, 'web_search', { query })
  return [{ type: 'text', text: `${GREETING} ${wordsOf(6, seed)}` }]
}

const hasTool = (body: Json, name: string): boolean =>
  Array.isArray(body.tools) && body.tools.some((tool) => (tool as { name?: string }).name === name)

function lastUserMessage(body: Json): Json | undefined {
  return (body.messages as Json[]).findLast((message) => message.role === 'user')
}

const blocksIn = (message: Json | undefined): readonly Json[] =>
  Array.isArray(message?.content) ? (message.content as Json[]) : []

/** Text of a content, without what the client adds for itself. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts = content.map((block) => String((block as { text?: unknown }).text ?? ''))
  return texts.filter((text) => !text.trimStart().startsWith('<system-reminder>')).join('\n')
}

const WORDS = [
  'river',
  'lantern',
  'copper',
  'meadow',
  'harbour',
  'violet',
  'thunder',
  'garden',
  'marble',
  'winter',
  'falcon',
  'amber',
]

/** The same seed gives the same words. About one token a word. */
function wordsOf(count: number, seed: number): string {
  let state = (seed >>> 0) + 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return WORDS[state % WORDS.length]
  }).join(' ')
}

export const outputTokensOf = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, block) => sum + tokensOf(textIn(block).length), 0)

const textIn = (block: Block): string =>
  block.type === 'text' ? block.text : block.type === 'thinking' ? block.thinking : JSON.stringify(block.input)

export const wholeMessage = (answer: Answer, usage: BilledUsage): Json => ({
  id: answer.id,
  type: 'message',
  role: 'assistant',
  model: answer.modelId,
  content: answer.blocks,
  stop_reason: answer.stopReason,
  stop_sequence: null,
  ...verdictJson(answer),
  usage: usageJson(usage, outputTokensOf(answer.blocks)),
})

export interface GeneratedEvent {
  readonly event: Json
  /** Output tokens generated so far. */
  readonly tokens: number
}

/** A dozen characters a delta, as the real one does roughly. */
const PIECE = 12

/** The events of a stream. `large` adds so many bytes of text deltas before the end. */
export function* eventsOf(answer: Answer, usage: BilledUsage, largeBytes = 0): Generator<GeneratedEvent, void> {
  let tokens = 1
  const { id, modelId, blocks, stopReason } = answer
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model: modelId,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageJson(usage, 1),
  }
  yield { event: { type: 'message_start', message }, tokens }
  for (const [index, block] of blocks.entries()) {
    yield { event: { type: 'content_block_start', index, content_block: emptied(block) }, tokens }
    for (const delta of deltasOf(block)) {
      tokens += tokensOf(PIECE)
      yield { event: { type: 'content_block_delta', index, delta }, tokens }
    }
    for (let sent = 0; index === 0 && sent < largeBytes; sent += KILOBYTE.length) {
      tokens += tokensOf(KILOBYTE.length)
      yield { event: { type: 'content_block_delta', index, delta: { type: 'text_delta', text: KILOBYTE } }, tokens }
    }
    yield { event: { type: 'content_block_stop', index }, tokens }
  }
  const total = outputTokensOf(blocks) + (largeBytes > 0 ? tokensOf(largeBytes) : 0)
  yield {
    event: {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null, ...verdictJson(answer) },
      usage: finalUsageJson(usage, total),
    },
    tokens: total,
  }
  const metrics = {
    inputTokenCount: usage.inputTokens,
    outputTokenCount: total,
    invocationLatency: 1,
    firstByteLatency: 1,
  }
  yield { event: { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics }, tokens: total }
}

const KILOBYTE = 'lorem ipsum dolor sit amet '.repeat(38).slice(0, 1024)

function emptied(block: Block): Json {
  if (block.type === 'text') return { type: 'text', text: '' }
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' }
  return { type: 'tool_use', id: block.id, name: block.name, input: {} }
}

function* deltasOf(block: Block): Generator<Json, void> {
  const text = textIn(block)
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = text.slice(at, at + PIECE)
    if (block.type === 'text') yield { type: 'text_delta', text: piece }
    else if (block.type === 'thinking') yield { type: 'thinking_delta', thinking: piece }
    else yield { type: 'input_json_delta', partial_json: piece }
  }
  if (block.type === 'thinking') yield { type: 'signature_delta', signature: block.signature }
}
