/**
 * How many tokens a request has, counted by Bedrock: its Messages API first, which knows the current models, then CountTokens.
 * Where neither counts, whoever asks has to estimate.
 */
import type { Endpoint } from '../endpoints/endpoint.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { CountingMemory, CountingWay } from './counting-memory.ts'
import { kindOfTrouble } from './faults.ts'
import { UpstreamAbsent } from './kinds.ts'
import type { Upstream, UpstreamCall } from './upstream.ts'

/** Translated for a way only when that way is asked. */
export interface CountRequest {
  readonly endpoint: Endpoint
  readonly modelId: string
  callIn(way: CountingWay): UpstreamCall
}

export interface CountTools {
  readonly upstreams: Readonly<Record<CountingWay, Pick<Upstream, 'countTokens'>>>
  readonly memory: CountingMemory
  now(): Instant
}

const WAYS: readonly CountingWay[] = ['messages', 'invoke']

/** @returns `null` where Bedrock does not count. */
export async function countWithBedrock(request: CountRequest, tools: CountTools): Promise<number | null> {
  for (const way of WAYS) {
    const counted = await countInWay(way, request, tools)
    if (counted !== null) return counted
  }
  return null
}

async function countInWay(way: CountingWay, request: CountRequest, tools: CountTools): Promise<number | null> {
  const known = knownOf(way, request, tools)
  if (known === 'unknown') return await askFirst(way, request, tools)
  // Whoever asks first decides for all who ask at the same time.
  if (typeof known !== 'string') await known.asking
  return knownOf(way, request, tools) === 'counts' ? await ask(way, request, tools) : null
}

const knownOf = (way: CountingWay, { endpoint, modelId }: CountRequest, { memory, now }: CountTools) =>
  memory.read(way, endpoint, modelId, now())

/** @throws what is no refusal, but a bug */
async function ask(way: CountingWay, request: CountRequest, tools: CountTools): Promise<number | null> {
  try {
    return await tools.upstreams[way].countTokens(request.callIn(way))
  } catch (thrown) {
    if (isRefusal(thrown)) return null
    throw thrown
  }
}

/** Notes that it asks before it waits for anything. */
function askFirst(way: CountingWay, request: CountRequest, tools: CountTools): Promise<number | null> {
  const { endpoint, modelId } = request
  const note = (found: 'counts' | 'does-not' | 'unknown'): void =>
    tools.memory.note(way, endpoint, modelId, found, tools.now())
  const answer = tools.upstreams[way].countTokens(request.callIn(way)).then(
    (tokens) => {
      note('counts')
      return tokens
    },
    (thrown: unknown) => {
      note(saysThatItDoesNot(thrown) ? 'does-not' : 'unknown')
      if (isRefusal(thrown)) return null
      throw thrown
    },
  )
  tools.memory.noteAsking(
    way,
    endpoint,
    modelId,
    answer.catch(() => null),
  )
  return answer
}

const isRefusal = (thrown: unknown): boolean => thrown instanceof Fault || thrown instanceof UpstreamAbsent

/**
 * A way that has not counted yet and refuses a request is taken at its word: a model that it does not count for and a request
 * that is wrong have the same type. One that has counted stays known as counting.
 */
function saysThatItDoesNot(thrown: unknown): boolean {
  if (!(thrown instanceof Fault)) return thrown instanceof UpstreamAbsent
  const trouble = kindOfTrouble(thrown)
  return trouble === null || trouble === 'denied'
}
