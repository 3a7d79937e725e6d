/**
 * What is asked: bodies in the shape of Claude Code's, filled with generated text. Natural text, because some gateways
 * count tokens, and one letter repeated is a different job for them; the same seed gives the same bytes.
 */

export interface Size {
  readonly name: string
  readonly bytes: number
}

/** A first question; a session that has read some files; a long one; one of half a million tokens; the longest that a function URL takes. */
export const SIZES: readonly Size[] = [
  { name: '2 kB', bytes: 2_000 },
  { name: '0.2 MB', bytes: 200_000 },
  { name: '0.7 MB', bytes: 700_000 },
  { name: '2.2 MB', bytes: 2_200_000 },
  { name: '4.8 MB', bytes: 4_800_000 },
]

/** One that every subject knows. */
export const MODEL = 'claude-opus-4-7'
/** The same as Bedrock knows it. */
export const BEDROCK_MODEL = `global.anthropic.${MODEL}`

/** What the simulator answers: forty deltas, so that the way of an event counts, and no model's pace hides the gateway's. */
export const ANSWER =
  'The test fails because the clock is read twice: once when the window is opened, and once more when it is closed. ' +
  'Between the two a second may pass, and then the count belongs to two windows. I have changed the function so that ' +
  'the time is handed in, and the test so that it tells the time instead of waiting for it. Nothing else had to be ' +
  'touched; all of the tests pass now, and the one that failed passes a thousand times in a row. Shall I commit it?'

/** Of the answer: a delta for each dozen characters, and what stands around them. */
export const EVENTS = 5 + Math.ceil(ANSWER.length / 12)

/** Words of prose and of code, with the signs beyond Latin-1 that Claude Code's own prompts have: they double V8's strings. */
const WORDS = (
  'the a of to in is that for with as on this be are by it from or an at not if can when which will one has its each other ' +
  'file function value error request response stream test module import export const return await async class interface ' +
  'should before after because without between message content result table index query version build change commit branch ' +
  'naïve façade résumé — → … “quoted” ✓ ⎿ │ 確認 ünïcode'
).split(' ')

interface Chance {
  /** 0 or more, less than `below`. */
  next(below: number): number
}

/** Numerical Recipes' linear congruential generator: any chance will do that is the same everywhere. */
function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return {
    next(below) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      // The high bits: the low ones repeat soon.
      return Math.floor((state / 2 ** 32) * below)
    },
  }
}

function sentence(chance: Chance): string {
  const words = Array.from({ length: 6 + chance.next(14) }, () => WORDS[chance.next(WORDS.length)] ?? '')
  return `${words.join(' ')}.`
}

function prose(chance: Chance, characters: number): string {
  let text = ''
  while (text.length < characters) text += `${sentence(chance)}${chance.next(4) === 0 ? '\n\n' : ' '}`
  return text
}

/** As the client's Read tool shows a file. */
function listing(chance: Chance, characters: number): string {
  let text = ''
  for (let line = 1; text.length < characters; line++) {
    const indent = '  '.repeat(chance.next(4))
    text += `${String(line).padStart(6)}→${indent}const ${WORDS[chance.next(WORDS.length)]} = "${sentence(chance)}"\n`
  }
  return text
}

/** Any; it only has to stay the same. */
const SEED = 1

const EPHEMERAL = { type: 'ephemeral' }

function toolOf(chance: Chance, place: number, characters: number) {
  const names = ['file_path', 'command', 'pattern', 'description', 'limit']
  return {
    name: `Tool${place}`,
    description: prose(chance, characters),
    input_schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string', description: sentence(chance) }])),
      required: names.slice(0, 2),
      additionalProperties: false,
    },
  }
}

interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: readonly object[]
}

/** A question, a tool called, its result: what a session is made of. */
function turnOf(chance: Chance, place: number, characters: number): Message[] {
  const id = `toolu_bench_${String(place).padStart(8, '0')}`
  return [
    {
      role: 'assistant',
      content: [
        { type: 'text', text: prose(chance, 200) },
        { type: 'tool_use', id, name: 'Tool0', input: { file_path: `/project/src/part-${place}.ts`, command: 'read' } },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: id, content: listing(chance, characters) }],
    },
  ]
}

/** Of a real session: some twenty tools, and results of a few kilobytes. Small bodies have room for less. */
const TOOLS = 20
const RESULT_CHARACTERS = 6_000
const SMALL_BYTES = 20_000

/** @returns JSON as UTF-8 of exactly so many bytes. */
export function bodyOf(bytes: number, model: string): Buffer {
  const chance = chanceOf(SEED)
  const small = bytes < SMALL_BYTES
  const system = [
    { type: 'text', text: 'You are Claude Code, an assistant for software engineering.', cache_control: EPHEMERAL },
    { type: 'text', text: prose(chance, small ? 200 : 12_000), cache_control: EPHEMERAL },
  ]
  const tools = Array.from({ length: small ? 1 : TOOLS }, (_, place) => toolOf(chance, place, small ? 80 : 1_500))
  const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: prose(chance, 100) }] }]
  const wholeWith = (text: string): string =>
    JSON.stringify({
      model,
      max_tokens: 32_000,
      stream: true,
      system,
      tools,
      messages: endingWith(messages, { type: 'text', text, cache_control: EPHEMERAL }),
      metadata: { user_id: 'user_bench_session_00000000-0000-4000-8000-000000000000' },
    })
  let length = Buffer.byteLength(wholeWith(''))
  for (let place = 0; length + 2 * RESULT_CHARACTERS < bytes; place++) {
    const turn = turnOf(chance, place, RESULT_CHARACTERS)
    messages.push(...turn)
    length += Buffer.byteLength(JSON.stringify(turn)) - 1
  }
  const room = bytes - Buffer.byteLength(wholeWith(''))
  if (room < 0) throw new RangeError(`a body of Claude Code's shape does not fit into ${bytes} bytes`)
  return Buffer.from(wholeWith(filling(chance, room)))
}

/** The last message is the user's, and has one block more. */
const endingWith = (messages: readonly Message[], block: object): readonly Message[] =>
  messages.with(-1, { role: 'user', content: [...(messages.at(-1)?.content ?? []), block] })

/** Text that takes exactly so many bytes in JSON. */
function filling(chance: Chance, bytes: number): string {
  const plain = prose(chance, bytes).replace(/[^ -~]|["\\]/g, ' ')
  return plain.slice(0, bytes)
}
