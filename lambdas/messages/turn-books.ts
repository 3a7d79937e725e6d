/** What each turn of the model used, for the bill of a request that took several. */
import { readEvent } from '../bedrock/from-bedrock.ts'
import type { Json } from '../json/json-path.ts'
import type { AnsweredTurn, RequestEnd, WebUsed } from '../spend/request-record.ts'
import { addUsage, estimateTokens, NO_USAGE, type Usage } from '../spend/usage.ts'
import { createMeter, type Reading, readWhole } from './meter.ts'

/** What a turn is priced by. */
export type Pricing = Omit<AnsweredTurn, 'usage'>

export interface TurnBooks {
  /** A turn is asked for. @param bytes Of the request. */
  begin(bytes: number): void
  /** An event of it. */
  see(chunk: Uint8Array): void
  /** All of it, where it comes in one piece. */
  seeWhole(answer: Json): void
  /** Of all turns so far. */
  usage(): Usage
  /** The same, with the one that is being asked for; `undefined` where it is the first. */
  expected(): Usage | undefined
  /** The end of the request, with what all turns used. */
  summed(end: RequestEnd, used: WebUsed): RequestEnd
}

interface Entry {
  readonly bytes: number
  /** Once something was heard of it. */
  pricing: Pricing | undefined
  read(): Reading
}

/** @param lastAsked By what an answer of whoever was asked last is priced. */
export function keepTurns(model: string, lastAsked: () => Pricing): TurnBooks {
  const entries: Entry[] = []
  let meter = createMeter()
  const heard = () => entries.flatMap(({ pricing, read }) => (pricing === undefined ? [] : [{ pricing, ...read() }]))
  const usage = (): Usage =>
    heard()
      .map((one) => one.usage)
      .reduce(addUsage, NO_USAGE)
  const note = (read?: () => Reading): void => {
    const entry = entries.at(-1)
    if (entry === undefined) return
    entry.pricing ??= lastAsked()
    if (read !== undefined) entry.read = read
  }
  return {
    begin(bytes) {
      meter = createMeter()
      entries.push({ bytes, pricing: undefined, read: meter.read })
    },
    see(chunk) {
      const event = readEvent(chunk, model, true)
      if (event === null) return
      note()
      meter.see(event)
    },
    seeWhole: (answer) => note(() => readWhole(answer)),
    usage,
    expected() {
      const last = entries.at(-1)
      if (entries.length < 2 || last === undefined) return undefined
      return addUsage(usage(), { ...NO_USAGE, inputTokens: estimateTokens(last.bytes) })
    },
    summed(end, used) {
      const turns = heard()
      const [first] = turns
      if (first === undefined || (entries.length === 1 && used.searches + used.pages === 0)) return end
      const last = entries.at(-1)
      // Bedrock has been working on what was cut short before it said anything.
      const guessed =
        end.status === 'aborted' && last !== undefined && last.pricing === undefined
          ? [turnAt(lastAsked(), { ...NO_USAGE, inputTokens: estimateTokens(last.bytes) })]
          : []
      const all = [...turns.map((turn) => turnAt(turn.pricing, turn.usage)), ...guessed]
      return {
        ...end,
        messageId: first.messageId,
        usage: all.map((turn) => turn.usage).reduce(addUsage, NO_USAGE),
        estimated: guessed.length > 0 || turns.some(({ complete }) => !complete),
        contradicted: turns.find(({ contradicted }) => contradicted !== null)?.contradicted ?? null,
        tools: turns.flatMap(({ tools }) => tools),
        turns: all,
        web: used,
      }
    },
  }
}

const turnAt = ({ target, serviceTier }: Pricing, usage: Usage): AnsweredTurn => ({ usage, target, serviceTier })
