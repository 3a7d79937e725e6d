/**
 * One execution environment: one process under AWS's runtime client, one invocation at a time, frozen (SIGSTOP) from the
 * moment it asks for the next one, as Lambda freezes it; so work left over after a response is seen to be lost.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FunctionError } from './function-error.ts'
import { readResponse, type StreamedResponse } from './response.ts'
import { startRuntimeApi } from './runtime-api.ts'

export interface FunctionDefinition {
  readonly name: string
  /** The folder of the unpacked asset. */
  readonly codeDir: string
  readonly handler: string
  readonly environment: Readonly<Record<string, string>>
  readonly memoryMb: number
  readonly timeoutMs: number
}

export interface Invocation {
  readonly id: string
  /** JSON. */
  readonly event: string
  begin(response: StreamedResponse): void
  fail(error: FunctionError): void
}

export type EnvironmentState = 'starting' | 'idle' | 'busy' | 'ended'

export interface Environment {
  readonly pid: number
  readonly state: EnvironmentState
  readonly frozen: boolean
  readonly invocations: number
  run(invocation: Invocation): void
  kill(): void
}

export interface EnvironmentEvents {
  /** It waits for work. The first time, after how long its start took. */
  idle(environment: Environment, startedInMs: number | undefined): void
  ended(environment: Environment, how: { readonly whileBusy: boolean; readonly timedOut: boolean }): void
  /** It could not start: told to whoever waits for it. */
  failedToStart(error: FunctionError): void
}

export interface EnvironmentOptions {
  readonly nodePath: string
  readonly extraEnvironment: Readonly<Record<string, string>>
  readonly freeze: boolean
  log(line: string, stream: 'stdout' | 'stderr'): void
}

const PRELOAD = fileURLToPath(new URL('./runtime-preload.cjs', import.meta.url))
const require = createRequire(import.meta.url)
const RUNTIME = require.resolve('aws-lambda-ric')

export async function startEnvironment(
  definition: FunctionDefinition,
  options: EnvironmentOptions,
  events: EnvironmentEvents,
): Promise<Environment> {
  const startedAt = performance.now()
  let state: EnvironmentState = 'starting'
  let frozen = false
  let invocations = 0
  let timedOut = false
  let current: Invocation | undefined
  let responding = false
  let timer: NodeJS.Timeout | undefined
  let give: ((headers: Record<string, string>, event: string) => void) | undefined

  const failCurrent = (error: FunctionError): void => {
    const failed = current
    current = undefined
    failed?.fail(error)
  }
  const api = await startRuntimeApi({
    next(giveNext) {
      clearTimeout(timer)
      give = giveNext
      const first = state === 'starting'
      // A handler that returned without a word has still ended.
      if (!responding) failCurrent(new FunctionError('Runtime.NoResponse', 'the handler ended without a response'))
      current = undefined
      responding = false
      state = 'idle'
      events.idle(environment, first ? performance.now() - startedAt : undefined)
      if (options.freeze && environment.state === 'idle') freeze()
    },
    response(id, request, acknowledge) {
      const invocation = current
      if (invocation?.id !== id) return void request.resume().on('end', acknowledge)
      responding = true
      request.on('end', acknowledge)
      readResponse(request).then(
        (response) => invocation.begin(response),
        (error: unknown) => invocation.fail(error instanceof FunctionError ? error : deathOf(definition, timedOut)),
      )
    },
    error(id, { errorType, errorMessage }) {
      if (current?.id !== id) return
      responding = true
      failCurrent(new FunctionError(errorType ?? 'Error', errorMessage ?? 'the handler failed'))
    },
    initError({ errorType, errorMessage }) {
      events.failedToStart(
        new FunctionError(errorType ?? 'Runtime.InitError', errorMessage ?? 'the function failed to start'),
      )
    },
  })
  const child = spawnRuntime(definition, options, api.address)
  relayLines(child, options)

  const freeze = (): void => {
    frozen = child.kill('SIGSTOP')
  }
  const environment: Environment = {
    pid: child.pid ?? -1,
    get state() {
      return state
    },
    get frozen() {
      return frozen
    },
    get invocations() {
      return invocations
    },
    run(invocation) {
      if (give === undefined) throw new Error('an environment runs one invocation at a time')
      if (frozen) {
        child.kill('SIGCONT')
        frozen = false
      }
      state = 'busy'
      invocations++
      current = invocation
      timer = setTimeout(() => {
        timedOut = true
        child.kill('SIGKILL')
      }, definition.timeoutMs)
      const answer = give
      give = undefined
      answer(invocationHeaders(definition, invocation.id), invocation.event)
    },
    // SIGKILL ends a frozen process too.
    kill: () => void child.kill('SIGKILL'),
  }
  child.on('exit', () => {
    clearTimeout(timer)
    const whileBusy = state === 'busy'
    const whileStarting = state === 'starting'
    state = 'ended'
    api.close()
    if (!responding) failCurrent(deathOf(definition, timedOut))
    if (whileStarting)
      events.failedToStart(new FunctionError('Runtime.ExitError', 'the environment ended while it started'))
    events.ended(environment, { whileBusy, timedOut })
  })
  return environment
}

function deathOf(definition: FunctionDefinition, timedOut: boolean): FunctionError {
  if (!timedOut) return new FunctionError('Runtime.ExitError', 'the environment ended without a response')
  return new FunctionError(
    'Sandbox.Timedout',
    `Task timed out after ${(definition.timeoutMs / 1000).toFixed(2)} seconds`,
  )
}

function invocationHeaders(definition: FunctionDefinition, id: string): Record<string, string> {
  return {
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(Date.now() + definition.timeoutMs),
    'lambda-runtime-invoked-function-arn': `arn:aws:lambda:us-east-1:000000000000:function:${definition.name}`,
    'lambda-runtime-trace-id': `Root=1-${id.slice(0, 8)}-${id.replaceAll('-', '').slice(0, 24)}`,
  }
}

function spawnRuntime(definition: FunctionDefinition, options: EnvironmentOptions, address: string): ChildProcess {
  // Nothing of this process's own environment but the path: the function must find everything it reads in the template.
  return spawn(
    options.nodePath,
    [`--max-old-space-size=${heapOf(definition.memoryMb)}`, '--require', PRELOAD, RUNTIME],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
        AWS_LAMBDA_RUNTIME_API: address,
        _HANDLER: definition.handler,
        LAMBDA_TASK_ROOT: definition.codeDir,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: definition.name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        ...options.extraEnvironment,
        ...definition.environment,
      },
    },
  )
}

/** Lambda leaves about a tenth of the memory to what is not the heap. */
const heapOf = (memoryMb: number): number => Math.floor(memoryMb * 0.9)

function relayLines(child: ChildProcess, options: EnvironmentOptions): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const pipe = child[stream]
    if (pipe) createInterface({ input: pipe }).on('line', (line) => options.log(line, stream))
  }
}
