/**
 * `npm run targets`: the figures that the deployed `messages` function is held to, measured on this machine.
 * They are printed and never asserted; what has to be true whatever the machine is a test.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Gateway, startGateway, synthesize } from '../local/gateway.ts'
import type { LocalFunction } from '../local/lambda/function.ts'
import { peakMemoryOf } from '../test/support/memory.ts'

/** Odd, so that there is a middle one; enough for a median that two runs agree on. */
const IMPORTS = 11
const STREAM_BYTES = 200_000_000
const MEGABYTE = 1_000_000

interface Figure {
  readonly what: string
  readonly measured: string
  readonly target: string
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-targets-'))
  const log = (line: string): void => void (line.includes('"level":"error"') && process.stderr.write(`${line}\n`))
  try {
    const cdkOut = await synthesize(join(folder, 'cdk.out'), log)
    const gateway = await startGateway({ cdkOut, schedules: 'manual', faultProxy: true, maxEnvironments: 1, log })
    try {
      console.table(await figuresOf(gateway))
    } finally {
      await gateway.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function figuresOf(gateway: Gateway): Promise<Figure[]> {
  await gateway.tick('prices')
  const messages = gateway.functions.get('messages')
  if (messages === undefined) throw new Error('there is no function named messages')
  const key = await makeKey(gateway)
  const bundle = join(messages.definition.codeDir, 'index.mjs')
  const cold = await waitedRoundTrips(gateway, key)
  const warm = await waitedRoundTrips(gateway, key)
  const memory = await memoryOfLargeStream(gateway, messages, key)
  return [
    { what: 'bundle', measured: `${kilobytes(statSync(bundle).size)} kB`, target: '< 500 kB' },
    { what: 'import, median', measured: `${(await importMs(bundle, messages)).toFixed(0)} ms`, target: '< 70 ms' },
    { what: 'database round trips waited for, cold', measured: String(cold), target: '2' },
    { what: 'database round trips waited for, warm', measured: String(warm), target: '1' },
    { what: 'memory before a stream of 200 MB', measured: `${memory.before} MB`, target: '' },
    { what: 'peak memory after it', measured: `${memory.after} MB`, target: 'does not grow with the stream' },
  ]
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0)

async function makeKey(gateway: Gateway): Promise<string> {
  const post = async (path: string, body: object, token?: string): Promise<Record<string, string>> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(gateway.gatewayUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as Record<string, string>
  }
  const { adminUser: username, adminPassword: password } = gateway
  const { token } = await post('/auth/login', { username, password })
  return String((await post('/admin/keys', {}, token)).key)
}

function ask(gateway: Gateway, key: string): Promise<Response> {
  return fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'claude-opus-5-5',
      max_tokens: 1000,
      stream: true,
      messages: [{ role: 'user', content: 'How are you?' }],
    }),
  })
}

/** Reads that come one after the other before Bedrock is called; the pending item is written beside the first of them. */
async function waitedRoundTrips(gateway: Gateway, key: string): Promise<number> {
  gateway.faults?.forget()
  await (await ask(gateway, key)).text()
  return gateway.faults?.operations().filter((name) => name === 'BatchGetItem').length ?? 0
}

/** In a process of its own each time; `awslambda` is what the runtime would have put there. */
async function importMs(bundle: string, { definition }: LocalFunction): Promise<number> {
  const script = `
    globalThis.awslambda = { streamifyResponse: (handler) => handler }
    const from = performance.now()
    await import(${JSON.stringify(bundle)})
    console.log(performance.now() - from)
    process.exit()
  `
  const env = { ...process.env, ...definition.environment, AWS_REGION: 'us-east-1' }
  const times: number[] = []
  for (let run = 0; run < IMPORTS; run++) {
    const args = ['--input-type=module', '--eval', script]
    times.push(Number((await promisify(execFile)(process.execPath, args, { env })).stdout))
  }
  return times.sort((a, b) => a - b)[Math.floor(IMPORTS / 2)] ?? Number.NaN
}

async function memoryOfLargeStream(gateway: Gateway, messages: LocalFunction, key: string) {
  const peak = (): number =>
    Math.round(Math.max(...messages.environments().map(({ pid }) => peakMemoryOf(pid))) / MEGABYTE)
  const before = peak()
  gateway.bedrock?.script.next({ kind: 'large', bytes: STREAM_BYTES })
  const answer = await ask(gateway, key)
  let bytes = 0
  for await (const chunk of answer.body ?? []) bytes += chunk.length
  if (bytes < STREAM_BYTES) throw new Error(`the stream ended after ${bytes} bytes`)
  return { before, after: peak() }
}

await main()
