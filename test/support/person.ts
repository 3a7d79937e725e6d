/**
 * Somebody with a key, a home and a Claude Code of their own. Each is alone with what Bedrock does to their calls, so that
 * tests can run beside one another on one gateway.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlaceScript } from '../../local/bedrock/script.ts'
import type { UpstreamCall } from '../../local/bedrock/tally.ts'
import { askClaude, resultOf, type Told } from './claude-code.ts'
import type { Deployed } from './deployed.ts'
import { type Exchange, tapInto, type Wiretap } from './wiretap.ts'

export interface PersonWish {
  readonly teamId?: string
  /** Where their Claude Code is pointed; absent: the function URL of the data plane. */
  readonly base?: string
  /** A path before that of the gateway. */
  readonly prefix?: string
}

export interface Question {
  readonly args?: readonly string[]
  /** Of the environment; `undefined` takes away what is usually there. */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** What one run of Claude Code came to. */
export interface Answer extends Told {
  /** What the person reads at the end. */
  readonly result: string
  readonly failed: boolean
  readonly retries: readonly { readonly status: number; readonly delayMs: number }[]
}

export interface Person {
  readonly keyId: string
  readonly key: string
  readonly home: string
  readonly tap: Wiretap
  /** What Claude Code is told, beside what the question says. */
  readonly variables: Readonly<Record<string, string>>
  /** Of their calls alone. */
  readonly script: PlaceScript
  claude(prompt: string, question?: Question): Promise<Answer>
  /** Their requests for an answer, in order. */
  asked(): readonly Exchange[]
  calls(): readonly UpstreamCall[]
  /** What the books say of them, once nothing is pending. */
  rows(): Promise<readonly Record<string, unknown>[]>
}

export interface People {
  meet(wish?: PersonWish): Promise<Person>
  leave(): Promise<void>
}

export function peopleAt(gateway: () => Deployed): People {
  const goodbyes: (() => Promise<void>)[] = []
  return {
    async meet(wish = {}) {
      const person = await meet(gateway(), wish)
      goodbyes.push(async () => {
        await person.tap.stop()
        rmSync(person.home, { recursive: true, force: true })
      })
      return person
    },
    async leave() {
      for (const goodbye of goodbyes.splice(0)) await goodbye()
    },
  }
}

async function meet(gateway: Deployed, { teamId, base, prefix }: PersonWish): Promise<Person> {
  const wish = teamId === undefined ? {} : { team_id: teamId, user_id: null }
  const { id, key } = await gateway.makeKey({ name: `Person ${randomUUID()}`, ...wish })
  const { bedrock } = gateway
  if (bedrock === undefined) throw new Error('there is no simulated Bedrock')
  const home = mkdtempSync(join(tmpdir(), 'claude-home-'))
  const tap = await tapInto(base ?? gateway.messagesUrl, prefix)
  const variables = { ANTHROPIC_BASE_URL: tap.url, ANTHROPIC_AUTH_TOKEN: key }
  const script = bedrock.script.at({ key: id })
  return {
    keyId: id,
    key,
    home,
    tap,
    variables,
    script,
    async claude(prompt, question = {}) {
      return answerOf(
        await askClaude(home, [prompt, ...(question.args ?? [])], { ...variables, ...question.variables }),
      )
    },
    asked: () => tap.exchanges.filter(({ method }) => method === 'POST'),
    calls: () => bedrock.tally().filter(({ requestMetadata }) => requestMetadata?.key === id),
    async rows() {
      const isPending = async () => (await gateway.items('usage', 'PEND#')).some((item) => holds(item, id))
      for (let tries = 0; await isPending(); tries++) {
        if (tries > 500) throw new Error('a request stays pending')
        await sleep(20)
      }
      const rows = (await gateway.items('usage', 'REQ#')).filter(({ key_id }) => key_id === id)
      return rows.toSorted((one, other) => (String(one.arrived_at) < String(other.arrived_at) ? -1 : 1))
    },
  }
}

const holds = (item: object, text: string): boolean => JSON.stringify(item).includes(text)

function answerOf(told: Told): Answer {
  const last = resultOf(told)
  const retries = told.events.filter(({ subtype }) => subtype === 'api_retry')
  return {
    ...told,
    result: String(last?.result ?? ''),
    failed: told.code !== 0 || last?.is_error !== false,
    retries: retries.map((event) => ({ status: Number(event.error_status), delayMs: Number(event.retry_delay_ms) })),
  }
}

export interface EndpointWish {
  readonly region: string
  readonly prefix: string
  readonly upstream?: 'invoke' | 'messages'
  /** Application inference profiles by the model that is called by them. */
  readonly profiles?: Readonly<Record<string, string>>
}

/** A team of its own, whose requests go to these endpoints in this order. @returns its id */
export async function makeTeam(
  gateway: Deployed,
  strategy: string,
  endpoints: readonly EndpointWish[],
): Promise<string> {
  const made = async (method: string, path: string, body: object): Promise<{ readonly id: string }> => {
    const answer = await gateway.admin(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { id: string }
  }
  const ids: string[] = []
  for (const { region, prefix, upstream = 'invoke', profiles = {} } of endpoints) {
    const wish = { name: `Endpoint ${randomUUID()}`, region, routing_prefix: prefix, upstream }
    const { id } = await made('POST', '/admin/endpoints', wish)
    for (const [model, arn] of Object.entries(profiles))
      await made('POST', `/admin/endpoints/${id}/aip-overrides`, { model_id: model, aip_arn: arn })
    ids.push(id)
  }
  const { id } = await made('POST', '/admin/teams', { name: `Team ${randomUUID()}` })
  const list = ids.map((endpoint, priority) => ({ endpoint_id: endpoint, priority }))
  await made('PUT', `/admin/teams/${id}/endpoints`, { routing_strategy: strategy, endpoints: list })
  return id
}

/** The events of an answer of server-sent events: the name of each in front, and its data. */
export function eventsIn(exchange: Exchange | undefined): readonly { name: string; data: Record<string, unknown> }[] {
  const text = exchange?.answer.toString('utf8') ?? ''
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const [first = '', second = ''] = block.split('\n')
      return { name: first.replace(/^event: /, ''), data: JSON.parse(second.replace(/^data: /, '')) }
    })
}

export const bodyOf = (exchange: Exchange | undefined) => JSON.parse(exchange?.body ?? 'null') as SentBody

/** What the tests look at. */
export interface SentBody {
  readonly model: string
  readonly stream?: boolean
  readonly max_tokens: number
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  readonly system: readonly { readonly text: string }[]
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
}
