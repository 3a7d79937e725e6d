/**
 * Searching the web: provider after provider, until one answers. Of what was asked or found nothing is told but to whoever asked: every
 * sentence here is made of names and numbers of our own.
 */
import { createHash } from 'node:crypto'
import { type Outbound, type OutboundAnswer, OutboundError } from '../http/outbound.client.ts'
import { bounded } from '../platform/bounded.host.ts'
import { ZERO_USD } from '../platform/money.ts'
import type { Timers } from '../platform/timer.host.ts'
import { createAskedOnce } from './asked-once.ts'
import { cleanHits, type RawHit } from './hits.ts'
import {
  type Endpoints,
  type ProviderRequest,
  prepare,
  providerName,
  providerTimeoutMs,
  questionProblem,
  readFound,
  statusProblem,
} from './providers.ts'
import type { Provider, ProviderType, SearchAnswer, SearchError, SearchQuestion, WebSearch } from './web.ts'

export interface WebSearchSettings {
  /** Where local stand-ins are; nothing in a deployment. They are judged like any address. */
  readonly endpoints?: Endpoints
}

export interface WebSearchTools {
  readonly outbound: Outbound
  readonly timers: Pick<Timers, 'after'>
  readonly nowMs: () => number
}

/** Twenty results with all that engines tell beside them are 50 to 200 kB. */
const MOST_BYTES = 1_000_000

/** The page of DuckDuckGo is parsed in some 30 ms. Whatever takes this long is something else. */
const PARSING_MS = 1000

type Failure = Extract<SearchAnswer, { ok: false }>
type Answer = Failure | Extract<SearchAnswer, { ok: true }>

const failed = (error: SearchError, why: string): Failure => ({ ok: false, error, why })
const ENDED = failed('unavailable', 'The search was called off')

/** Somebody else may do better. What is wrong with the question itself is wrong everywhere. */
const NEXT_MAY_ANSWER: ReadonlySet<SearchError> = new Set(['unavailable', 'too_many_requests'])

export function openWebSearch(settings: WebSearchSettings, tools: WebSearchTools): WebSearch {
  const { endpoints = {} } = settings
  const once = createAskedOnce<Answer>(tools.nowMs, ({ ok }) => ok)

  const askOne = async (question: SearchQuestion, provider: Provider, signal: AbortSignal): Promise<Answer> => {
    const prepared = prepare(question, provider, endpoints)
    if (!prepared.ok) return prepared
    const { answer, first } = await once.ask({
      key: keyOf(question, provider, prepared.request),
      signal,
      ended: ENDED,
      ask: (ending) => inTime(prepared.request, question, provider, tools, ending),
    })
    // Who is told what another search found pays nobody for it.
    return answer.ok ? { ...answer, price: first ? provider.price : ZERO_USD } : answer
  }
  return {
    async search(question, providers, signal) {
      const wrong = questionProblem(question.query)
      if (wrong !== null) return wrong
      const answer = await inTurn(providers, signal, (provider) => askOne(question, provider, signal))
      return signal.aborted && !answer.ok ? ENDED : answer
    },
  }
}

/** The answer of the first who has one, or why the first of all had none. */
async function inTurn(
  providers: readonly Provider[],
  signal: AbortSignal,
  ask: (provider: Provider) => Promise<Answer>,
): Promise<Answer> {
  let failure: Failure | undefined
  for (const provider of providers) {
    if (signal.aborted) break
    const answer = await ask(provider).catch(() => broken(provider.type))
    if (answer.ok) return answer
    failure ??= answer
    if (!NEXT_MAY_ANSWER.has(answer.error)) break
  }
  return failure ?? failed('unavailable', 'No search provider is set up')
}

const broken = (type: ProviderType): Failure => failed('unavailable', `${providerName(type)} could not be asked`)

/**
 * The same for the same question to the same provider with the same key, and for nothing else. A hash, since it holds a key of a provider.
 */
const keyOf = (question: SearchQuestion, { type, maxResults }: Provider, request: ProviderRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([type, maxResults, request, question.allowedDomains, question.blockedDomains]))
    .digest('base64')

/** Both tries together have the time of the provider. */
async function inTime(
  request: ProviderRequest,
  question: SearchQuestion,
  provider: Provider,
  { outbound, timers }: WebSearchTools,
  ending: AbortSignal,
): Promise<Answer> {
  const { type } = provider
  const late = new AbortController()
  const cancel = timers.after(providerTimeoutMs(type), () => late.abort())
  const signal = AbortSignal.any([ending, late.signal])
  try {
    const answer = await sendTwice(outbound, request, signal)
    const text = answer.body.toString('utf8')
    return statusProblem(type, answer.status, text) ?? (await found(text, question, provider))
  } catch (thrown) {
    if (ending.aborted) return ENDED
    return late.signal.aborted ? tooSlow(type) : failureOf(type, thrown)
  } finally {
    cancel()
  }
}

const tooSlow = (type: ProviderType): Failure =>
  failed('unavailable', `${providerName(type)} did not answer within ${providerTimeoutMs(type) / 1000} seconds`)

/** A connection that breaks, or a server that stumbles, is often alone in it. Who is asked too often is not asked again. */
async function sendTwice(outbound: Outbound, request: ProviderRequest, signal: AbortSignal): Promise<OutboundAnswer> {
  // A question that is sent on as it is could come anywhere; what a GET leads to is judged like itself.
  const wish = { ...request, followRedirects: request.method === 'GET', maxBytes: MOST_BYTES, signal }
  try {
    const answer = await outbound.send(wish)
    if (answer.status < 500) return answer
  } catch (thrown) {
    if (!(thrown instanceof OutboundError) || thrown.trouble !== 'failed') throw thrown
  }
  return await outbound.send(wish)
}

async function found(text: string, question: SearchQuestion, provider: Provider): Promise<Answer> {
  const { type, maxResults, price } = provider
  const raw = await readAnswer(type, text)
  if (raw === 'challenge') return failed('too_many_requests', `${providerName(type)} takes the gateway for a robot`)
  if (raw === 'unknown') return failed('unavailable', `${providerName(type)} gave an answer that is none of its own`)
  return { ok: true, hits: cleanHits(raw, question, maxResults), provider: type, price }
}

async function readAnswer(type: ProviderType, text: string): Promise<'challenge' | 'unknown' | readonly RawHit[]> {
  if (type !== 'duckduckgo') return readFound(type, text) ?? 'unknown'
  // Parsing HTML is a large module that most searches do without.
  const { readers } = await import('./parsing.ts')
  return bounded(PARSING_MS, () => readers.readDuckDuckGo(text)) ?? 'unknown'
}

/** What Node or the other side say may hold what was asked. */
function failureOf(type: ProviderType, thrown: unknown): Failure {
  const name = providerName(type)
  switch (thrown instanceof OutboundError ? thrown.trouble : undefined) {
    case 'refused':
      return failed('unavailable', `The address of ${name} was refused: it must be https and of the public internet`)
    case 'unknown-name':
      return failed('unavailable', `The name in the address of ${name} cannot be resolved`)
    case 'late':
      return tooSlow(type)
    case 'too-large':
      return failed('unavailable', `${name} answered with more than ${MOST_BYTES} bytes`)
    case 'failed':
      return failed('unavailable', `The connection to ${name} failed`)
    default:
      return broken(type)
  }
}
