/**
 * The way of an answer's events from Bedrock to the client, with the meter running. The status is held back until the
 * first event, so that an early failure keeps its HTTP status; a client that hangs up does not stop the meter.
 */
import { readEvent } from '../bedrock/from-bedrock.ts'
import { Fault } from '../platform/fault.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { RequestEnd, RequestStatus } from '../spend/request-record.ts'
import type { Usage } from '../spend/usage.ts'
import type { AnswerFormat } from './answer-format.ts'
import { createMeter } from './meter.ts'

export interface Relay {
  readonly body: ReadableStream<Uint8Array>
  /** Resolves when Bedrock's stream has ended, however it did. Never rejects. */
  readonly ended: Promise<RequestEnd>
}

export interface RelayJob {
  readonly requestId: string
  /** The model as the client named it. */
  readonly model: string
  readonly format: AnswerFormat
  /** What is billed when the request is cut short before anything was seen of the answer. */
  readonly estimate: Usage
  /** Asks Bedrock; resolves with the first chunk in hand. */
  open(signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  elapsedMs(): number
  remainingMs(): number
}

export interface RelayTools {
  readonly timers: Timers
  /** Lambda is not told of a hang-up and runs on: drain. A plain server is told: abort. */
  readonly onHangUp: 'drain' | 'abort'
}

/** Clients and proxies give up on a silent connection after 30 to 300 s; Anthropic's own API sends its headers well before. */
export const HOLD_MS = 15_000
/** Half of the shortest time-out met on the way (20 s), so that one late ping breaks nothing. */
export const PING_AFTER_MS = 10_000
/** Left for telling the client, settling and returning before Lambda ends the function. */
export const BEFORE_DEADLINE_MS = 15_000
/** Pings and the silence before them are counted in whole seconds; finer would only cost wake-ups. */
const TICK_MS = 1_000
/** Frames that may wait for a slow client before Bedrock is read no further. */
const FRAMES_IN_FLIGHT = 64

/** `refused` is set when Bedrock said no before its first event and within the hold: there is no body then. */
export async function relayAnswer(job: RelayJob, tools: RelayTools): Promise<Relay & { readonly refused?: Fault }> {
  const stop = new AbortController()
  const opening = job.open(stop.signal)
  const held = await hold(opening, tools.timers)
  if (held instanceof Fault) {
    return { body: new ReadableStream(), ended: Promise.resolve(failedBeforeAnyEvent(job, held)), refused: held }
  }
  return startRelay(job, opening, stop, held === 'silent', tools)
}

/** Waits for the first event or its refusal, but no longer than the hold. */
async function hold(opening: Promise<unknown>, timers: Timers): Promise<Fault | 'open' | 'silent'> {
  let callOff = (): void => {}
  const silent = new Promise<'silent'>((resolve) => {
    callOff = timers.after(HOLD_MS, () => resolve('silent'))
  })
  const opened = opening.then(
    () => 'open' as const,
    (thrown: unknown) => asFault(thrown),
  )
  const first = await Promise.race([opened, silent])
  callOff()
  return first
}

const asFault = (thrown: unknown): Fault =>
  thrown instanceof Fault ? thrown : new Fault('upstream_failed', 'Bedrock failed without a reason.', { cause: thrown })

const failedBeforeAnyEvent = (job: RelayJob, fault: Fault): RequestEnd => ({
  ...endOf(job, 'failed', createMeter().read(), null),
  fault,
  estimated: false,
})

function endOf(
  job: RelayJob,
  status: RequestStatus,
  reading: ReturnType<ReturnType<typeof createMeter>['read']>,
  firstByteMs: number | null,
): RequestEnd {
  return {
    status,
    messageId: reading.messageId,
    usage: reading.usage,
    estimated: !reading.complete,
    stopReason: reading.stopReason,
    tools: reading.tools,
    contradicted: reading.contradicted,
    firstByteMs,
    durationMs: job.elapsedMs(),
  }
}

/** The client's side of a relay: frames in, back-pressure out. */
interface Outlet {
  readonly body: ReadableStream<Uint8Array>
  send(frame: Uint8Array): void
  ping(): void
  /** Resolves when the client has taken what waits for it, or is gone, or nobody waits for it any longer. */
  room(): Promise<void> | undefined
  quietMs(): number
  close(): void
}

function openOutlet(job: RelayJob, stopped: AbortSignal, onGone: () => void): Outlet {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let wake: (() => void) | undefined
  let lastSentMs = job.elapsedMs()
  const release = (): void => {
    wake?.()
    wake = undefined
  }
  stopped.addEventListener('abort', release, { once: true })
  const body = new ReadableStream<Uint8Array>(
    {
      start: (own) => {
        controller = own
      },
      pull: release,
      cancel: () => {
        controller = undefined
        release()
        onGone()
      },
    },
    { highWaterMark: FRAMES_IN_FLIGHT },
  )
  const isFull = (): boolean => controller !== undefined && !stopped.aborted && (controller.desiredSize ?? 0) <= 0
  const send = (frame: Uint8Array): void => {
    controller?.enqueue(frame)
    lastSentMs = job.elapsedMs()
  }
  return {
    body,
    send,
    ping: () => {
      if (!isFull()) send(job.format.ping)
    },
    room: () => {
      if (!isFull()) return undefined
      return new Promise((resolve) => {
        wake = resolve
      })
    },
    quietMs: () => job.elapsedMs() - lastSentMs,
    close: () => {
      controller?.close()
      controller = undefined
    },
  }
}

function startRelay(
  job: RelayJob,
  opening: Promise<AsyncGenerator<Uint8Array, void>>,
  stop: AbortController,
  wasSilent: boolean,
  tools: RelayTools,
): Relay {
  let cutShort: Fault | undefined
  const cut = (why: Fault): void => {
    cutShort ??= why
    stop.abort()
  }
  const outlet = openOutlet(job, stop.signal, () => {
    if (tools.onHangUp === 'abort') cut(new Fault('upstream_failed', 'The client hung up.'))
  })
  const timers = [
    tools.timers.every(TICK_MS, () => {
      if (outlet.quietMs() >= PING_AFTER_MS) outlet.ping()
    }),
    tools.timers.after(Math.max(0, job.remainingMs() - BEFORE_DEADLINE_MS), () => cut(outOfTime())),
  ]
  if (wasSilent) outlet.ping()
  const ended = pump(job, opening, outlet, stop.signal, () => cutShort, tools.timers).finally(() => {
    for (const callOff of timers) callOff()
    outlet.close()
  })
  return { body: outlet.body, ended }
}

const outOfTime = (): Fault =>
  new Fault(
    'upstream_busy',
    'The answer took longer than the 15 minutes that a request may run. Ask the model to continue.',
  )

async function pump(
  job: RelayJob,
  opening: Promise<AsyncGenerator<Uint8Array, void>>,
  outlet: Outlet,
  stopped: AbortSignal,
  cutShort: () => Fault | undefined,
  timers: Timers,
): Promise<RequestEnd> {
  const meter = createMeter()
  let firstByteMs: number | null = null
  let fault: Fault | undefined
  try {
    for await (const chunk of untilStopped(opening, stopped)) {
      const event = readEvent(chunk, job.model, job.format.keepsMetrics)
      if (event === null) continue
      meter.see(event)
      outlet.send(job.format.event(event.type, event.json))
      if (firstByteMs === null) {
        firstByteMs = job.elapsedMs()
        // A socket is written to when nobody works, and Bedrock's first events come in one go: the first one leaves now.
        await timers.turn()
      }
      const room = outlet.room()
      if (room !== undefined) await room
    }
    if (!meter.read().complete) fault = new Fault('upstream_busy', 'Bedrock ended the answer before it was complete.')
  } catch (thrown) {
    fault = asFault(thrown)
  }
  // Behind the last event nothing is missing any more, whatever becomes of the connection.
  const told = meter.read().complete ? undefined : (cutShort() ?? fault)
  if (told !== undefined) outlet.send(job.format.error(told, job.requestId))
  const status = told === undefined ? 'ok' : told === cutShort() ? 'aborted' : 'failed'
  return billed(job, { ...endOf(job, status, meter.read(), firstByteMs), fault: told })
}

/** What failed before its first event Bedrock does not bill; what we cut short it has been working on. */
function billed(job: RelayJob, end: RequestEnd): RequestEnd {
  if (end.firstByteMs !== null) return end
  return end.status === 'aborted' ? { ...end, usage: job.estimate, estimated: true } : { ...end, estimated: false }
}

/**
 * The same chunks, but an abort ends them at once, whatever the connection is waiting for. (A race against one promise
 * for the whole stream would keep a reaction for every chunk until the stream ends.)
 */
async function* untilStopped(
  opening: Promise<AsyncGenerator<Uint8Array, void>>,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let endWait = (): void => {}
  stopped.addEventListener('abort', () => endWait(), { once: true })
  const unlessStopped = <T>(what: Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      endWait = () => resolve(undefined)
      what.then(resolve, reject)
    })
  if (stopped.aborted) return
  const chunks = await unlessStopped(opening)
  while (chunks !== undefined && !stopped.aborted) {
    const next = await unlessStopped(chunks.next())
    if (next === undefined || next.done === true) return
    yield next.value
  }
}
