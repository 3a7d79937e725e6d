/**
 * What does not depend on load: what the deployed bundle weighs and how long it takes to load, how often a request waits for
 * the database, what capacity it uses and what that costs, and whether a long answer stays in memory.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { startDatabase } from '../local/database/engine.ts'
import { type Gateway, startGateway } from '../local/gateway.ts'
import type { FunctionDefinition } from '../local/lambda/environment.ts'
import { peakMemoryOf } from '../test/support/memory.ts'
import { type CapacityMeter, startCapacityMeter, type Used } from './capacity-meter.ts'
import { type Costs, costsOf } from './costs.ts'
import { makeKeys } from './gateway-key.ts'
import { median } from './statistics.ts'
import { MODEL } from './workload.ts'

export interface Facts {
  readonly bundleBytes: number
  readonly bundleGzipBytes: number
  /** In a fresh process. */
  readonly importMs: number
  readonly cold: Trip
  readonly warm: Trip
  readonly costs: Costs
  readonly memory: { readonly streamBytes: number; readonly peakBytesBefore: number; readonly peakBytesAfter: number }
}

/** One request and the database. */
export interface Trip {
  /** Reads that come one after the other before Bedrock is called; the pending item is written beside the last of them. */
  readonly waitedFor: number
  readonly operations: readonly string[]
  readonly readUnits: number
  readonly writeUnits: number
}

/** Odd, so that there is a middle one; enough for a median that two runs agree on. */
const IMPORTS = 11
const STREAM_BYTES = 200_000_000

export async function readFacts(cdkOut: string, quick: boolean): Promise<Facts> {
  const log = (line: string): void => void (line.includes('"level":"error"') && process.stderr.write(`${line}\n`))
  const database = await startDatabase()
  const meter = await startCapacityMeter(database.endpoint)
  try {
    const endpoints = { AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint }
    const gateway = await startGateway({ cdkOut, endpoints, schedules: 'manual', maxEnvironments: 1, log })
    try {
      return await factsOf(gateway, meter, quick)
    } finally {
      await gateway.stop()
    }
  } finally {
    await meter.stop()
    await database.stop()
  }
}

async function factsOf(gateway: Gateway, meter: CapacityMeter, quick: boolean): Promise<Facts> {
  await gateway.tick('prices')
  const messages = gateway.functions.get('messages')
  if (messages === undefined) throw new Error('there is no function named messages')
  const bundle = join(messages.definition.codeDir, 'index.mjs')
  const bytes = readFileSync(bundle)
  const { key } = await makeKeys(gateway)
  const cold = await tripOf(gateway, meter, key)
  const warm = await tripOf(gateway, meter, key)
  const peak = (): number => Math.max(...messages.environments().map(({ pid }) => peakMemoryOf(pid)))
  const peakBytesBefore = peak()
  const streamBytes = quick ? STREAM_BYTES / 10 : STREAM_BYTES
  await readLongAnswer(gateway, key, streamBytes)
  return {
    bundleBytes: bytes.length,
    bundleGzipBytes: gzipSync(bytes).length,
    importMs: await importMs(bundle, messages.definition),
    cold,
    warm,
    costs: costsOf(warm, messages.definition.memoryMb),
    memory: { streamBytes, peakBytesBefore, peakBytesAfter: peak() },
  }
}

function ask(gateway: Gateway, key: string): Promise<Response> {
  return fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: 1000,
      stream: true,
      messages: [{ role: 'user', content: 'How are you?' }],
    }),
  })
}

/** The function's connection ends after the settlement, but the client's body before it. */
const SETTLED_WITHIN_MS = 10_000
const LOOK_MS = 20

async function tripOf(gateway: Gateway, meter: CapacityMeter, key: string): Promise<Trip> {
  meter.read()
  await (await ask(gateway, key)).text()
  const endMs = performance.now() + SETTLED_WITHIN_MS
  const all: Used[] = [meter.read()]
  while (!all.some(({ operations }) => operations.includes('TransactWriteItems'))) {
    if (performance.now() > endMs) throw new Error('a request was not settled')
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    all.push(meter.read())
  }
  const operations = all.flatMap((used) => used.operations)
  return {
    waitedFor: operations.filter((name) => name === 'BatchGetItem').length,
    operations,
    readUnits: all.reduce((sum, { readUnits }) => sum + readUnits, 0),
    writeUnits: all.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
  }
}

/** In a process of its own each time; `awslambda` is what the runtime would have put there. */
async function importMs(bundle: string, definition: FunctionDefinition): Promise<number> {
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
  return median(times)
}

async function readLongAnswer(gateway: Gateway, key: string, streamBytes: number): Promise<void> {
  gateway.bedrock?.script.next({ kind: 'large', bytes: streamBytes })
  const answer = await ask(gateway, key)
  let bytes = 0
  for await (const chunk of answer.body ?? []) bytes += chunk.length
  if (bytes < streamBytes) throw new Error(`the stream ended after ${bytes} bytes`)
}
