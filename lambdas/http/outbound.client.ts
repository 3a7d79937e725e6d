/**
 * The one way out to addresses that people choose. An address is judged as it is written, then by everything its name stands for, and
 * the connection goes to what was judged: the name is not looked up a second time. A redirect is judged like the address it came from.
 * Time and size are bounded; of a refusal or a failure no word of the other side is told.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { Timers } from '../platform/timer.host.ts'
import { allowedHostsOf, isPublic, judgeUrl } from './outbound-url.ts'

export interface OutboundRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether a redirect is gone after; else it is the answer. */
  readonly followRedirects: boolean
  /** 0: the status is all that matters, and the connection is closed with it. */
  readonly maxBytes: number
  /** Asked of every address beside our own judgement, of those that redirects lead to as well. A sentence refuses it. */
  readonly judge?: (url: string) => string | null
  /** Calls it off. */
  readonly signal?: AbortSignal
}

export interface OutboundAnswer {
  /** Whose answer it is: after redirects. */
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** `refused`: nobody is asked there. `failed`: no connection, or a broken one; another try may have more luck. `ended`: it was called off. */
type OutboundTrouble = 'refused' | 'unknown-name' | 'late' | 'too-large' | 'ended' | 'failed'

/** Its message is one sentence for a person. */
export class OutboundError extends Error {
  override name = 'OutboundError'
  readonly trouble: OutboundTrouble

  constructor(message: string, trouble: OutboundTrouble = 'failed', options?: ErrorOptions) {
    super(message, options)
    this.trouble = trouble
  }
}

export interface Outbound {
  /** @throws OutboundError where nobody was asked, or no answer came. */
  send(request: OutboundRequest): Promise<OutboundAnswer>
}

export interface OutboundSettings {
  /** `host` or `host:port`, with commas: asked wherever they are, over http too. */
  readonly allowedHosts: string
  /** PEM: certificates that are trusted beside the usual ones. */
  readonly extraCa: string
}

export interface OutboundTools {
  readonly timers: Pick<Timers, 'after'>
  /** Tests tell names here; absent: the system's. */
  readonly addressesOf?: (name: string) => Promise<readonly string[]>
}

/** As long as the gateway we follow waits for a webhook, redirects and looking up included. */
const TIMEOUT_MS = 10_000

/** A name that moved, and moved again; more is a circle. */
const MOST_REDIRECTS = 3

const ofSystem = async (name: string): Promise<readonly string[]> =>
  (await lookup(name, { all: true })).map(({ address }) => address)

export function openOutbound(settings: OutboundSettings, tools: OutboundTools): Outbound {
  const { addressesOf = ofSystem, timers } = tools
  const allowedHosts = allowedHostsOf(settings)
  const ca = settings.extraCa === '' ? undefined : [...rootCertificates, settings.extraCa]
  const asking: Asking = { ca, placeOf: (text) => findPlace(text, allowedHosts, addressesOf) }
  return {
    async send(request) {
      const ending = new AbortController()
      const late = new OutboundError(`There was no answer within ${TIMEOUT_MS / 1000} seconds`, 'late')
      const cancel = timers.after(TIMEOUT_MS, () => ending.abort(late))
      const callOff = (): void => ending.abort(new OutboundError('The request was called off', 'ended'))
      request.signal?.addEventListener('abort', callOff, { once: true })
      try {
        if (request.signal?.aborted) callOff()
        ending.signal.throwIfAborted()
        return await Promise.race([follow(request, asking, ending.signal), abortOf(ending.signal)])
      } finally {
        cancel()
        request.signal?.removeEventListener('abort', callOff)
      }
    },
  }
}

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** Where a connection may go. */
interface Place {
  readonly url: URL
  readonly addresses: readonly string[]
}

interface Asking {
  readonly ca: readonly string[] | undefined
  placeOf(text: string): Promise<Place>
}

/** @throws OutboundError where one of the addresses is not to be asked: a name that stands for both kinds is a trick. */
async function findPlace(
  text: string,
  allowedHosts: ReadonlySet<string>,
  addressesOf: (name: string) => Promise<readonly string[]>,
): Promise<Place> {
  const judged = judgeUrl(text, allowedHosts)
  if (!judged.ok) throw new OutboundError(`The address was refused: it ${judged.refusal}`, 'refused')
  const { url, allowed } = judged
  const addresses = await addressesOf(url.hostname.replace(/^\[|\]$/g, '')).catch(() => [])
  if (addresses.length === 0) throw new OutboundError(`The name ${url.hostname} cannot be resolved`, 'unknown-name')
  const inside = allowed ? undefined : addresses.find((address) => !isPublic(address))
  if (inside !== undefined) {
    throw new OutboundError(
      `The address was refused: ${url.hostname} is ${inside}, which is not of the public internet`,
      'refused',
    )
  }
  return { url, addresses }
}

async function follow(request: OutboundRequest, asking: Asking, signal: AbortSignal): Promise<OutboundAnswer> {
  let next = request
  for (let redirects = 0; ; redirects++) {
    const unwanted = request.judge?.(next.url) ?? null
    if (unwanted !== null) throw new OutboundError(unwanted, 'refused')
    const place = await asking.placeOf(next.url)
    // The time may be over by now, and nobody listens any more.
    signal.throwIfAborted()
    const answer = await exchange(next, place, asking.ca, signal)
    const location = request.followRedirects ? redirectOf(answer) : undefined
    if (location === undefined) return answer
    if (redirects >= MOST_REDIRECTS) throw new OutboundError(`There were more than ${MOST_REDIRECTS} redirects`)
    next = redirected(next, place.url, location, answer.status)
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

function redirectOf({ status, headers }: OutboundAnswer): string | undefined {
  return REDIRECTS.has(status) && typeof headers.location === 'string' ? headers.location : undefined
}

/** Source: RFC 9110, 15.4. Headers are for whom they were meant for: another origin gets none. */
function redirected(request: OutboundRequest, from: URL, location: string, status: number): OutboundRequest {
  const to = URL.parse(location, from.href)
  if (to === null) throw new OutboundError('The answer leads to an address that is none')
  const { body, headers, ...rest } = request
  const again = status === 307 || status === 308 || request.method === 'GET'
  return {
    ...rest,
    url: to.href,
    method: again ? request.method : 'GET',
    ...(again && body !== undefined && { body }),
    ...(to.origin === from.origin && headers && { headers }),
  }
}

function exchange(
  { method, headers, body, maxBytes }: OutboundRequest,
  { url, addresses }: Place,
  ca: Asking['ca'],
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const options: RequestOptions = {
    method,
    // A connection of its own each time: one that is kept might lead where another request was allowed to go.
    agent: false,
    lookup: onlyThese(addresses),
    signal,
    headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    ...(ca && { ca: [...ca] }),
  }
  return new Promise((resolve, reject) => {
    const fail = (thrown: Error): void => reject(signal.aborted ? signal.reason : failureOf(thrown))
    const sent = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
    sent.on('error', fail)
    sent.on('response', (answer) => {
      answer.on('error', fail)
      collect(url, answer, maxBytes)
        .then(resolve, fail)
        .finally(() => sent.destroy())
    })
    sent.end(body)
  })
}

/** Node asks for one address or for all, and tries them in turn. */
const onlyThese =
  (addresses: readonly string[]): LookupFunction =>
  (_name, options, tell) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all === true) tell(null, found)
    else tell(null, found[0]?.address ?? '', found[0]?.family)
  }

async function collect(url: URL, answer: IncomingMessage, maxBytes: number): Promise<OutboundAnswer> {
  const parts: Buffer[] = []
  let size = 0
  if (maxBytes > 0) {
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length
      if (size > maxBytes) throw new OutboundError(`The answer has more than ${maxBytes} bytes`, 'too-large')
      parts.push(part)
    }
  }
  return { url: url.href, status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }
}

/** What a person can do something about; Node's own words may hold addresses and are left out. */
const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused',
  ECONNRESET: 'The connection was closed before an answer came',
  ETIMEDOUT: 'The connection could not be made in time',
  EHOSTUNREACH: 'The host cannot be reached',
  ENETUNREACH: 'The host cannot be reached',
  CERT_HAS_EXPIRED: 'The certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name',
}

function failureOf(thrown: Error & { readonly code?: string }): OutboundError {
  if (thrown instanceof OutboundError) return thrown
  // Node tries every address and tells of all of them in one.
  const code = thrown.code ?? (thrown instanceof AggregateError ? thrown.errors[0]?.code : undefined)
  const sentence = FAILURES[code ?? ''] ?? `The connection failed${code === undefined ? '' : ` (${code})`}`
  return new OutboundError(sentence, 'failed', { cause: thrown })
}
