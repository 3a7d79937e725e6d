/** What Bedrock demands of the marks that say what to cache. Source: Amazon Bedrock user guide, "Prompt caching for faster model inference". */
import { kindOf } from './extra-inputs.ts'
import type { Json } from './validation.ts'

interface Mark {
  /** Of the mark itself. */
  readonly path: string
  readonly mark: Json
}

const MOST = 4
const MEMBERS = ['type', 'ttl']

/** @returns the refusal's message. */
export function refusalOfMarks(body: Json): string | undefined {
  const marks = [...marksIn(body)]
  for (const { path, mark } of marks) {
    const extra = Object.keys(mark).find((member) => !MEMBERS.includes(member))
    if (extra !== undefined)
      return `${path}.${String(mark.type ?? 'ephemeral')}.${extra}: Extra inputs are not permitted`
  }
  if (marks.length > MOST)
    return `A maximum of ${MOST} blocks with cache_control may be provided. Found ${marks.length}.`
  const short = marks.findIndex(({ mark }) => mark.ttl !== '1h')
  const late = marks.find(({ mark }, place) => short >= 0 && place > short && mark.ttl === '1h')
  return late === undefined
    ? undefined
    : `${late.path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`
}

/** In the order in which Bedrock reads the prompt. */
function* marksIn(body: Json): Generator<Mark> {
  yield* marksOfBlocks(body.tools, ['tools'])
  yield* marksOfBlocks(body.system, ['system'])
  yield* marksOfBlocks(body.messages, ['messages'])
  yield* marksOf(body, [])
}

function* marksOfBlocks(blocks: unknown, at: readonly string[]): Generator<Mark> {
  if (!Array.isArray(blocks)) return
  for (const [place, block] of (blocks as (Json | null)[]).entries()) {
    if (block === null) continue
    const path = kindOf(block, [...at, String(place)])
    yield* marksOfBlocks(block.content, [...path, 'content'])
    yield* marksOf(block, path)
  }
}

function* marksOf({ cache_control: mark }: Json, at: readonly string[]): Generator<Mark> {
  if (typeof mark === 'object' && mark !== null) yield { path: [...at, 'cache_control'].join('.'), mark: mark as Json }
}
