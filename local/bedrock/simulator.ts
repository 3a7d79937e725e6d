/**
 * Amazon Bedrock on this machine: Runtime and control plane on one port, in their true wire formats, for every region and
 * account at once: the SigV4 scope tells the region, the access key the account. The model behind it is a few deterministic
 * rules; what it is good for is that it can be told to fail, and that it keeps books of its own.
 */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type Identify, ownIdentity } from '../aws/caller.ts'
import { answer } from './answer.ts'
import { type Asked, answerCount, callOf, isCount, refusalOfCall } from './call.ts'
import { answerControl } from './control-plane.ts'
import { readHeaders } from './headers.ts'
import { bedrockCallerOf } from './identity.ts'
import { nameOf } from './models.ts'
import { type ApplicationProfile, createProfiles, type Profiles } from './profiles.ts'
import { destroy, refuse } from './respond.ts'
import { type Behaviour, type Called, createScript, type Script, type ScriptReader } from './script.ts'
import type { Operation, UpstreamCall } from './tally.ts'
import { listen, type Request, type Response } from './two-protocols.ts'
import { createPromptCache, type PromptCache } from './usage.ts'
import { invalid, isRefusal, type Json, type Refusal } from './validation.ts'

export interface SimulatorOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  readonly seed?: number
  /** Keeps what was asked, for tests that look into it. */
  readonly keepBodies?: boolean
  /** Answers without a look at what was asked, for measuring: its own work would hide a gateway's. Needs a script. */
  readonly unread?: boolean
  /** Whose an access key is; absent: everybody is the functions' own account. */
  readonly identify?: Identify
}

export interface BedrockSimulator {
  readonly url: string
  readonly script: Script
  /** An application inference profile that an account has from now on. */
  defineProfile(profile: ApplicationProfile): void
  /** Every call of the Runtime so far, in order. */
  tally(): readonly UpstreamCall[]
  stop(): Promise<void>
}

export async function startBedrockSimulator(options: SimulatorOptions = {}): Promise<BedrockSimulator> {
  const script = createScript()
  const calls: UpstreamCall[] = []
  const profiles = createProfiles()
  const desk: Desk = {
    seed: options.seed ?? 1,
    keepBodies: options.keepBodies ?? false,
    unread: options.unread ?? false,
    identify: options.identify ?? ownIdentity,
    script,
    profiles,
    cache: createPromptCache(),
    calls,
  }
  const listener = await listen(options.port ?? 0, (request, response) => {
    route(request, response, desk).catch(() => destroy(response))
  })
  return {
    url: listener.url,
    script,
    defineProfile: (profile) => profiles.define(profile),
    tally: () => calls,
    stop: () => listener.stop(),
  }
}

/** What one call needs of the simulator. */
interface Desk {
  readonly seed: number
  readonly keepBodies: boolean
  readonly unread: boolean
  readonly identify: Identify
  readonly script: ScriptReader
  readonly profiles: Profiles
  readonly cache: PromptCache
  readonly calls: UpstreamCall[]
}

const MODEL_PATH = /^\/model\/(.+)\/(invoke|invoke-with-response-stream|count-tokens|converse|converse-stream)$/
const NATIVE_PATHS: Readonly<Record<string, Operation>> = {
  '/anthropic/v1/messages': 'messages',
  '/anthropic/v1/messages/count_tokens': 'messages-count-tokens',
}

async function route(request: Request, response: Response, desk: Desk): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://bedrock')
  const native = NATIVE_PATHS[url.pathname]
  const body = desk.unread ? await passedOver(request, native !== undefined) : await text(request)
  const caller = bedrockCallerOf(request, desk.identify)
  if (isRefusal(caller)) return refuse(response, caller, native !== undefined)
  const [, id, operation] = MODEL_PATH.exec(url.pathname) ?? []
  if (request.method === 'POST' && id !== undefined) {
    const modelId = decodeURIComponent(id)
    return runtime(request, response, desk, { operation: operation as Operation, modelId, text: body, caller })
  }
  if (request.method === 'POST' && native !== undefined)
    return runtime(request, response, desk, { operation: native, modelId: undefined, text: body, caller })
  const control = { profiles: desk.profiles, refusalOfControl: desk.script.refusalOfControl }
  if (request.method === 'GET' && answerControl(response, url, caller, control)) return
  refuse(response, notKnown(request))
}

const STREAMED = '"stream":true'

/**
 * Takes the body off the connection. Whether an answer is to stream InvokeModel's path tells; of a native body it is the one
 * thing looked for. @returns what stands for the body
 */
async function passedOver(request: Request, native: boolean): Promise<string> {
  let streamed = false
  if (native) {
    let end = ''
    request.on('data', (chunk: Buffer) => {
      streamed ||= chunk.includes(STREAMED) || (end + chunk.toString('latin1', 0, STREAMED.length)).includes(STREAMED)
      end = chunk.toString('latin1', Math.max(0, chunk.length - STREAMED.length))
    })
  }
  request.resume()
  await once(request, 'end')
  return streamed ? `{"messages":[],${STREAMED}}` : '{"messages":[]}'
}

async function runtime(request: Request, response: Response, desk: Desk, asked: Asked): Promise<void> {
  const native = asked.modelId === undefined
  const body = parse(asked.text)
  if (body === undefined)
    return refuse(response, invalid('Malformed input request, please reformat your input and try again.'), native)
  const headers = readHeaders(request)
  if (isRefusal(headers)) return refuse(response, headers, native)
  const call = callOf(headers, asked, body, { place: desk.calls.length + 1, keepBodies: desk.keepBodies })
  const resolved = desk.profiles.resolve(call.modelId, asked.caller)
  const called: Called = {
    ...call,
    model: isRefusal(resolved) ? call.modelId : nameOf(resolved.model),
    key: call.requestMetadata?.key,
  }
  if (native && !desk.script.rulesFor(called).nativeMessages) return refuse(response, notKnown(request))
  desk.calls.push(call)
  const counting = isCount(call.operation)
  const behaviour = counting ? undefined : desk.script.take(called)
  const refusal = refusalFor(behaviour, desk, () =>
    refusalOfCall({ call, body, text: asked.text, resolved, model: called.model, rules: desk.script.rulesFor(called) }),
  )
  if (refusal !== undefined) {
    call.outcome = 'error'
    return refuse(response, refusal, native)
  }
  if (counting) return answerCount(response, call, body, asked.text)
  const prompt = desk.cache.bill(`${call.account}/${call.region}/${call.modelId}`, asked.text)
  await answer(response, call, { behaviour, body, seed: desk.seed + desk.calls.length, prompt })
}

function refusalFor(
  behaviour: Behaviour | undefined,
  { unread }: Desk,
  judged: () => Refusal | undefined,
): Refusal | undefined {
  if (unread) return undefined
  return behaviour?.kind === 'error' ? behaviour : judged()
}

function parse(json: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(json)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Json) : undefined
  } catch {
    return undefined
  }
}

const notKnown = ({ method, url }: Request): Refusal => ({
  status: 404,
  type: 'UnknownOperationException',
  message: `${method} ${url} is not known to Bedrock`,
})
