/**
 * The connections to AWS that an environment keeps, for the SDK's clients and for what is spoken without them. One try towards
 * Bedrock (repeating is routing's business), but for a connection that turns out dead before anything came back: an environment
 * that was frozen between two requests wakes up with sockets the other side has long closed, so that one is tried anew at once.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** A model may think for minutes before its next token; only a connection silent for longer than any request may run is dead. */
export const LONGEST_SILENCE_MS = 900_000

/** Within a region a connection takes milliseconds, around the world a second; who waits longer could be answered elsewhere. */
export const CONNECT_MS = 3_000

/**
 * HTTP/1.1 with connections that are kept: over HTTP/2 the SDK opens a connection, with its TLS handshake, for each stream of
 * events. As many as there are requests; how many there may be is not the connection pool's to say.
 */
const AGENT = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }

export interface Connections {
  /** Milliseconds, for how long something took. */
  nowMs(): number
  /** For the clients of the SDK. */
  readonly handler: NodeHttpHandler
  agentFor(protocol: string): HttpAgent
  /** Where one idle connection turned out dead the others may be too: what is asked next gets a new one. */
  dropIdle(): void
  close(): void
}

/** @param nowMs A clock. */
export function openConnections(nowMs: () => number): Connections {
  const httpAgent = new HttpAgent(AGENT)
  const httpsAgent = new HttpsAgent(AGENT)
  const agents = [httpAgent, httpsAgent] as const
  return {
    nowMs,
    handler: new NodeHttpHandler({
      socketTimeout: LONGEST_SILENCE_MS,
      connectionTimeout: CONNECT_MS,
      httpAgent,
      httpsAgent,
    }),
    agentFor: (protocol) => (protocol === 'https:' ? httpsAgent : httpAgent),
    dropIdle() {
      for (const { freeSockets } of agents) {
        for (const socket of Object.values(freeSockets).flat()) socket?.destroy()
      }
    },
    close() {
      for (const agent of agents) agent.destroy()
    },
  }
}

/** A connection that was dead before says so at once; one that breaks later may have carried the request to a model that works on it. */
const AT_ONCE_MS = 2_000

/** @throws what the last try threw */
export async function onceMoreIfDead<T>(connections: Connections, send: () => Promise<T>): Promise<T> {
  const sentMs = connections.nowMs()
  try {
    return await send()
  } catch (first) {
    if (!isDeadConnection(first) || connections.nowMs() - sentMs > AT_ONCE_MS) throw first
  }
  connections.dropIdle()
  return await send()
}

const DEAD = /^(ECONNRESET|EPIPE|ETIMEDOUT)$/

function isDeadConnection(thrown: unknown): boolean {
  const error = thrown as { code?: unknown; name?: string; $metadata?: { httpStatusCode?: number } }
  return error.$metadata?.httpStatusCode === undefined && error.name !== 'AbortError' && DEAD.test(String(error.code))
}
