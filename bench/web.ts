/**
 * `npm run bench -- web`: what offering the web adds to a request that does not use it, in the bundle that is deployed. Each round asks the
 * same with a tool of the client's own and with `web_search`, one after the other. Nothing is asserted.
 */
import { startGateway } from '../local/gateway.ts'
import { type Added, addedOf, median, type Pair } from './statistics.ts'

export interface WebRun {
  readonly rounds: number
  /** Milliseconds until the first event, and until the last. */
  readonly first: Added & Compared
  readonly whole: Added & Compared
}

interface Compared {
  readonly own: number
  readonly web: number
}

const WARM_UP = 20
const ROUNDS = 200
const QUICK_ROUNDS = 30

/** A first question of Claude Code's WebSearch has less than a kilobyte. */
const QUESTION = {
  model: 'claude-opus-5-5',
  max_tokens: 1000,
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
}
const TOOLS = {
  own: { name: 'web_search', input_schema: { type: 'object', properties: { query: { type: 'string' } } } },
  web: { type: 'web_search_20250305', name: 'web_search', max_uses: 8 },
} as const
type Kind = keyof typeof TOOLS

export async function benchWeb(
  quick: boolean,
  say: (line: string) => void,
  ending: (() => unknown)[],
): Promise<WebRun> {
  const gateway = await startGateway({ schedules: 'manual', maxEnvironments: 1, log: () => {} })
  ending.push(() => gateway.stop())
  const { key } = await firstKey(gateway.gatewayUrl, gateway.adminUser, gateway.adminPassword)
  const rounds = quick ? QUICK_ROUNDS : ROUNDS
  const ask = (kind: Kind): Promise<Times> => timed(gateway.messagesUrl, key, kind)
  for (let i = 0; i < WARM_UP; i++) {
    await ask('own')
    await ask('web')
  }
  say(`measuring ${rounds} rounds`)
  const taken: Record<Kind, Times>[] = []
  for (let i = 0; i < rounds; i++) {
    // Who comes second finds warmer caches: they take turns.
    const [one, other]: readonly [Kind, Kind] = i % 2 === 0 ? ['own', 'web'] : ['web', 'own']
    const times = { [one]: await ask(one), [other]: await ask(other) } as Record<Kind, Times>
    taken.push(times)
  }
  const compared = (which: keyof Times): Added & Compared => ({
    ...addedOf(taken.map(({ own, web }): Pair => ({ direct: [own[which]], through: [web[which]] }))),
    own: median(taken.map(({ own }) => own[which])),
    web: median(taken.map(({ web }) => web[which])),
  })
  return { rounds, first: compared('first'), whole: compared('whole') }
}

interface Times {
  readonly first: number
  readonly whole: number
}

async function timed(base: string, key: string, kind: Kind): Promise<Times> {
  const start = performance.now()
  const answer = await fetch(`${base}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...QUESTION, tools: [TOOLS[kind]] }),
  })
  if (answer.status !== 200 || answer.body === null) throw new Error(`status ${answer.status}: ${await answer.text()}`)
  let first: number | undefined
  for await (const _ of answer.body) first ??= performance.now() - start
  return { first: first ?? Number.NaN, whole: performance.now() - start }
}

async function firstKey(base: string, username: string, password: string): Promise<{ readonly key: string }> {
  const post = async (path: string, body: object, token?: string): Promise<Response> =>
    await fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })
  const { token } = (await (await post('/auth/login', { username, password })).json()) as { token: string }
  return (await (await post('/admin/keys', { name: 'bench' }, token)).json()) as { key: string }
}

export function webTable({ rounds, first, whole }: WebRun): string {
  const row = (name: string, { own, web, p50, p50From, p50To, p99 }: Added & Compared): string =>
    `| ${name} | ${own.toFixed(2)} | ${web.toFixed(2)} | ${p50.toFixed(2)} (${p50From.toFixed(2)} to ${p50To.toFixed(2)}) | ${p99.toFixed(2)} |`
  return [
    `Offering \`web_search\` to a request that does not use it, ${rounds} rounds, milliseconds:`,
    '',
    '| until | a tool of its own, p50 | `web_search`, p50 | added, p50 (middle half) | added, p99 |',
    '|---|---|---|---|---|',
    row('the first event', first),
    row('the last event', whole),
  ].join('\n')
}
