/**
 * A Lambda function on this machine: as many environments as there are requests at once, up to a limit; beyond it
 * requests wait, or are throttled as AWS does it.
 */
import { randomUUID } from 'node:crypto'
import {
  type Environment,
  type EnvironmentOptions,
  type FunctionDefinition,
  type Invocation,
  startEnvironment,
} from './environment.ts'
import { FunctionError } from './function-error.ts'
import type { StreamedResponse } from './response.ts'

export interface FunctionOptions {
  readonly maxEnvironments: number
  readonly overflow: 'queue' | 'throttle'
  /** Region, credentials and endpoints: what Lambda or the person gives every function. */
  readonly extraEnvironment: Readonly<Record<string, string>>
  log(line: string, stream: 'stdout' | 'stderr'): void
  readonly nodePath?: string
  /** Off only where a profiler has to look inside. */
  readonly freeze?: boolean
}

export interface FunctionStats {
  readonly cold: number
  readonly warm: number
  /** Environments that ended under an invocation, time-outs included. */
  readonly crashes: number
  readonly timeouts: number
  readonly throttled: number
  readonly initMs: readonly number[]
}

export interface LocalFunction {
  readonly definition: FunctionDefinition
  /** Runs a handler that returns a value. @throws FunctionError */
  invoke(event: unknown): Promise<unknown>
  /** Resolves when the prelude is there. @throws FunctionError, `TooManyRequestsException` when throttled */
  invokeStreaming(event: string): Promise<StreamedResponse & { readonly id: string }>
  environments(): readonly Environment[]
  stats(): FunctionStats
  stop(): Promise<void>
}

/** A function whose start fails again and again must not be started for ever. */
const FAILED_STARTS_IN_A_ROW = 3

export function startLocalFunction(definition: FunctionDefinition, options: FunctionOptions): LocalFunction {
  const environments = new Set<Environment>()
  const waiting: Invocation[] = []
  const initMs: number[] = []
  const count = { cold: 0, warm: 0, crashes: 0, timeouts: 0, throttled: 0 }
  let starting = 0
  let failedStarts = 0
  let stopped = false

  const environmentOptions: EnvironmentOptions = {
    nodePath: options.nodePath ?? process.execPath,
    extraEnvironment: options.extraEnvironment,
    freeze: options.freeze ?? true,
    log: options.log,
  }
  const runNext = (environment: Environment): void => {
    const next = waiting.shift()
    if (next === undefined) return
    if (environment.invocations === 0) count.cold++
    else count.warm++
    environment.run(next)
  }
  const grow = (): void => {
    if (stopped || environments.size + starting >= options.maxEnvironments) return
    starting++
    void startEnvironment(definition, environmentOptions, {
      idle(environment, startedInMs) {
        if (startedInMs !== undefined) {
          failedStarts = 0
          initMs.push(startedInMs)
        }
        runNext(environment)
      },
      ended(environment, { whileBusy, timedOut }) {
        environments.delete(environment)
        children.delete(environment)
        if (whileBusy) count.crashes++
        if (timedOut) count.timeouts++
        if (waiting.length > 0) grow()
      },
      failedToStart(error) {
        failedStarts++
        if (failedStarts < FAILED_STARTS_IN_A_ROW) return
        for (const invocation of waiting.splice(0)) invocation.fail(error)
      },
    }).then((environment) => {
      starting--
      environments.add(environment)
      children.add(environment)
      if (stopped) environment.kill()
    })
  }
  const submit = (invocation: Invocation): void => {
    const idle = [...environments].find((environment) => environment.state === 'idle')
    if (idle !== undefined) {
      waiting.push(invocation)
      runNext(idle)
      return
    }
    const full = environments.size + starting >= options.maxEnvironments
    if (full && options.overflow === 'throttle') {
      count.throttled++
      invocation.fail(new FunctionError('TooManyRequestsException', 'Rate Exceeded.'))
      return
    }
    waiting.push(invocation)
    failedStarts = 0
    // One environment is on its way for each that waits, as far as the limit goes.
    if (waiting.length > starting) grow()
  }
  const invokeStreaming = (event: string): Promise<StreamedResponse & { readonly id: string }> =>
    new Promise((resolve, reject) => {
      if (stopped) return reject(new FunctionError('ResourceNotFoundException', 'the function has been stopped'))
      const id = randomUUID()
      submit({ id, event, begin: (response) => resolve({ id, ...response }), fail: reject })
    })

  return {
    definition,
    invokeStreaming,
    async invoke(event) {
      const { body } = await invokeStreaming(JSON.stringify(event))
      const parts: Uint8Array[] = []
      for await (const part of body) parts.push(part)
      const text = Buffer.concat(parts).toString()
      return text === '' ? undefined : JSON.parse(text)
    },
    environments: () => [...environments],
    stats: () => ({ ...count, initMs }),
    async stop() {
      stopped = true
      for (const invocation of waiting.splice(0))
        invocation.fail(new FunctionError('Stopped', 'the function has been stopped'))
      for (const environment of environments) environment.kill()
      while (environments.size + starting > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
}

/** Whatever ends this process must not leave frozen children behind. */
const children = new Set<Environment>()
process.on('exit', () => {
  for (const environment of children) if (environment.state !== 'ended') environment.kill()
})
