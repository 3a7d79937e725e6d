/**
 * An answer in one piece (`stream: false`). It is waited for with the status still open. Only the distribution gives up
 * on an origin that stays silent: behind it, after the hold, status 200 and JSON whitespace go out until the answer is there.
 */
import { readWholeAnswer } from '../bedrock/from-bedrock.ts'
import { Fault } from '../platform/fault.ts'
import type { Timers } from '../platform/timer.host.ts'
import type { RequestEnd, RequestStatus } from '../spend/request-record.ts'
import { NO_USAGE, type Usage } from '../spend/usage.ts'
import { anthropicErrorOf, errorBody } from './anthropic-error.ts'
import { type Reading, readWhole } from './meter.ts'
import { BEFORE_DEADLINE_MS, HOLD_MS, PING_AFTER_MS } from './relay.flow.ts'

export interface WholeJob {
  readonly requestId: string
  readonly model: string
  readonly throughDistribution: boolean
  /** What is billed when nothing was seen of an answer that Bedrock has been working on. */
  readonly estimate: Usage
  ask(signal: AbortSignal): Promise<Uint8Array>
  elapsedMs(): number
  remainingMs(): number
}

export interface WholeAnswer {
  /** The message, a refusal, or (behind the distribution, after the hold) a body that is still being waited for. */
  readonly answer: Uint8Array | Fault | ReadableStream<Uint8Array>
  readonly ended: Promise<RequestEnd>
}

interface Outcome {
  readonly answer: Uint8Array | Fault
  readonly end: RequestEnd
}

export async function wholeAnswer(job: WholeJob, timers: Timers): Promise<WholeAnswer> {
  const outcome = askWithinDeadline(job, timers)
  const ended = outcome.then(({ end }) => end)
  if (job.throughDistribution && (await isSlow(outcome, timers)))
    return { answer: whitespaceUntil(outcome, job, timers), ended }
  return { answer: (await outcome).answer, ended }
}

async function askWithinDeadline(job: WholeJob, timers: Timers): Promise<Outcome> {
  const stop = new AbortController()
  const callOff = timers.after(Math.max(0, job.remainingMs() - BEFORE_DEADLINE_MS), () => stop.abort())
  try {
    const read = readWholeAnswer(await job.ask(stop.signal), job.model)
    if (read === null) throw new Fault('upstream_failed', 'Bedrock answered with something that is not a message.')
    return { answer: read.json, end: endOf(job, 'ok', readWhole(read.parsed)) }
  } catch (thrown) {
    if (stop.signal.aborted) {
      const fault = new Fault(
        'upstream_out_of_time',
        'The answer took longer than the 15 minutes that a request may run. Use streaming.',
      )
      const end = endOf(job, 'aborted', { ...NOTHING, usage: job.estimate })
      return { answer: fault, end: { ...end, fault, estimated: true } }
    }
    const fault =
      thrown instanceof Fault
        ? thrown
        : new Fault('upstream_failed', 'Bedrock failed without a reason.', { cause: thrown })
    return { answer: fault, end: { ...endOf(job, 'failed', NOTHING), fault } }
  } finally {
    callOff()
  }
}

const NOTHING: Reading = {
  messageId: null,
  usage: NO_USAGE,
  stopReason: null,
  tools: [],
  complete: true,
  contradicted: null,
}

function endOf(job: WholeJob, status: RequestStatus, reading: Reading): RequestEnd {
  const durationMs = job.elapsedMs()
  return {
    status,
    messageId: reading.messageId,
    usage: reading.usage,
    estimated: false,
    stopReason: reading.stopReason,
    tools: reading.tools,
    firstByteMs: status === 'ok' ? durationMs : null,
    durationMs,
  }
}

async function isSlow(outcome: Promise<unknown>, timers: Timers): Promise<boolean> {
  let callOff = (): void => {}
  const slow = new Promise<boolean>((resolve) => {
    callOff = timers.after(HOLD_MS, () => resolve(true))
  })
  const first = await Promise.race([outcome.then(() => false), slow])
  callOff()
  return first
}

const WHITESPACE = new TextEncoder().encode('\n')

function whitespaceUntil(outcome: Promise<Outcome>, job: WholeJob, timers: Timers): ReadableStream<Uint8Array> {
  let callOff = (): void => {}
  let isGone = false
  return new ReadableStream({
    start(controller) {
      controller.enqueue(WHITESPACE)
      callOff = timers.every(PING_AFTER_MS, () => controller.enqueue(WHITESPACE))
      void outcome.then(({ answer }) => {
        callOff()
        // A stream that was cancelled takes nothing more: it would throw where nobody catches.
        if (isGone) return
        controller.enqueue(answer instanceof Fault ? errorBytes(answer, job.requestId) : answer)
        controller.close()
      })
    },
    cancel: () => {
      isGone = true
      callOff()
    },
  })
}

function errorBytes(fault: Fault, requestId: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(errorBody(anthropicErrorOf(fault).type, fault.message, requestId)))
}
