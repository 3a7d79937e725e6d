/** The load: so many streams at once for so long, each answer read to its end. Only ever towards this machine. */
import { Agent, request } from 'node:http'

export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the end of an answer is the end of a whole one. @param tail Its last bytes, as Latin-1. */
  isWhole(tail: string): boolean
}

export interface Load {
  readonly body: Buffer
  readonly streams: number
  /** No request is begun after that; those that run are awaited. */
  readonly forMs: number
}

export interface Measured {
  readonly firstByteMs: readonly number[]
  readonly totalMs: readonly number[]
  /** What did not answer 200 with a whole stream. */
  readonly failures: readonly string[]
  readonly elapsedMs: number
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]'])

/** By address, not by name: what a name means is somebody else's to decide. @throws Error */
export function demandLoopback(url: string): URL {
  const parsed = new URL(url)
  if (!LOOPBACK.has(parsed.hostname)) throw new Error(`the bench loads this machine only, not ${parsed.hostname}`)
  return parsed
}

/** More than enough for a median of one round; a fast target would otherwise fill the memory. */
const MOST_SAMPLES = 3_000
/** A request that takes longer is broken. */
const PATIENCE_MS = 30_000
/** `message_stop` and what a stream may have after it. */
const TAIL_BYTES = 400

/** One after the other on every stream. Connections are made, and used once, before anything is measured. */
export async function loadTarget(target: Target, load: Load, ready: () => void): Promise<Measured> {
  const url = demandLoopback(target.url)
  const agent = new Agent({ keepAlive: true, maxSockets: load.streams })
  try {
    await Promise.all(Array.from({ length: load.streams }, () => touch(url, agent)))
    ready()
    return await run(target, url, agent, load)
  } finally {
    agent.destroy()
  }
}

/** Any answer will do. */
function touch(url: URL, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ host: url.hostname, port: url.port, path: '/', agent }, (answer) => {
      answer.resume().on('end', resolve)
    })
    call.on('error', reject)
    call.end()
  })
}

async function run(target: Target, url: URL, agent: Agent, load: Load): Promise<Measured> {
  const firstByteMs: number[] = []
  const totalMs: number[] = []
  const failures: string[] = []
  const startedMs = performance.now()
  const untilMs = startedMs + load.forMs
  const stream = async (): Promise<void> => {
    do {
      const answer = await ask(target, url, agent, load.body)
      if (typeof answer === 'string') failures.push(answer)
      else {
        firstByteMs.push(answer.firstByteMs)
        totalMs.push(answer.totalMs)
      }
    } while (performance.now() < untilMs && totalMs.length < MOST_SAMPLES && failures.length === 0)
  }
  await Promise.all(Array.from({ length: load.streams }, stream))
  return { firstByteMs, totalMs, failures, elapsedMs: performance.now() - startedMs }
}

interface Answer {
  readonly firstByteMs: number
  readonly totalMs: number
}

/** @returns the times, or what went wrong */
function ask(target: Target, url: URL, agent: Agent, body: Buffer): Promise<Answer | string> {
  return new Promise((resolve) => {
    const startedMs = performance.now()
    let firstByteMs: number | undefined
    let tail: Buffer = Buffer.alloc(0)
    const call = request(
      {
        host: url.hostname,
        port: url.port,
        path: url.pathname + url.search,
        method: 'POST',
        agent,
        timeout: PATIENCE_MS,
        headers: { ...target.headers, 'content-type': 'application/json', 'content-length': body.length },
      },
      (answer) => {
        answer.on('data', (piece: Buffer) => {
          firstByteMs ??= performance.now() - startedMs
          tail = piece.length >= TAIL_BYTES ? piece : Buffer.concat([tail, piece]).subarray(-TAIL_BYTES)
        })
        answer.on('error', (error) => resolve(error.message))
        answer.on('end', () => {
          const totalMs = performance.now() - startedMs
          const said = tail.subarray(-TAIL_BYTES).toString('latin1')
          if (answer.statusCode !== 200 || firstByteMs === undefined) resolve(`${answer.statusCode} ${said}`)
          else if (!target.isWhole(said)) resolve(`an answer that is not whole: … ${said}`)
          else resolve({ firstByteMs, totalMs })
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
    call.on('error', (error) => resolve(error.message))
    call.end(body)
  })
}
