/**
 * `npm run bench -- admission`: what admitting and settling a request takes with an embedded database on this machine, and what of DynamoDB it
 * uses, by what there is to be judged. Bedrock is left out: a request is admitted, and settled at once. Nothing is asserted.
 */
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { budgetAttributes } from '../lambdas/budgets/budget-attributes.ts'
import { PRESETS } from '../lambdas/budgets/policy.ts'
import { Fault } from '../lambdas/platform/fault.ts'
import { instant } from '../lambdas/platform/instant.ts'
import { type NanoUsd, nanoUsd } from '../lambdas/platform/money.ts'
import { teamKey, userKey, virtualKeyKey } from '../lambdas/table/core-keys.ts'
import { openDocuments } from '../lambdas/table/document.store.ts'
import { startDatabase } from '../local/database/engine.ts'
import { openGate } from '../test/support/admission.ts'
import { createTables } from '../test/support/tables.ts'
import { startCapacityMeter } from './capacity-meter.ts'
import { costsOf } from './costs.ts'
import { quantile } from './statistics.ts'

export interface AdmissionRun {
  readonly requests: number
  readonly scenes: readonly SceneResult[]
}

export interface SceneResult {
  readonly name: string
  /** Until Bedrock may be called, milliseconds. */
  readonly admission: Spread
  /** From Bedrock's last word until everything is written. */
  readonly settlement: Spread
  /** Round trips that are waited for before Bedrock is called. */
  readonly waitedFor: number
  readonly operations: readonly string[]
  readonly readUnits: number
  readonly writeUnits: number
  readonly usdPerMillion: number
}

interface Spread {
  readonly p50: number
  readonly p99: number
}

interface Scene {
  readonly name: string
  readonly key?: object
  readonly user?: object
  readonly team?: object
}

const usd = (amount: number): NanoUsd => nanoUsd(Math.round(amount * 1e9))
const monthly = (amount: number) => budgetAttributes({ limit: usd(amount), period: 'monthly', rules: PRESETS.standard })

/** A request here is expected to cost about a cent, and costs a hundredth of it: no budget comes any nearer to its end. */
const FAR = 1_000_000
const NEAR = 0.5

const SCENES: readonly Scene[] = [
  { name: 'no budget, no limit' },
  { name: 'budget of the person', user: { spend_limit_nano: usd(FAR) } },
  { name: 'budgets of person and team', user: { spend_limit_nano: usd(FAR) }, team: monthly(FAR) },
  {
    name: 'budgets, and limits of key and person',
    key: { rate_limit_rpm: 10_000, rate_limit_tpm: 100_000_000 },
    user: { spend_limit_nano: usd(FAR), rate_limit_rpm: 10_000 },
    team: monthly(FAR),
  },
  { name: 'near the end of the person’s budget', user: { spend_limit_nano: usd(NEAR) }, team: monthly(FAR) },
]

const SHA256 = 'b'.repeat(64)
const AT = instant(Date.UTC(2026, 10, 16, 12, 0, 5))
/** Before it is measured: the environment knows the key by then, and the code is warm. */
const WARM_UP = 50
/** Enough for a p99 that five of them stand behind. */
const REQUESTS = 500
const QUICK_REQUESTS = 50

export async function benchAdmission(
  quick: boolean,
  say: (line: string) => void,
  ending: (() => unknown)[],
): Promise<AdmissionRun> {
  const database = await startDatabase()
  ending.push(() => database.stop())
  const meter = await startCapacityMeter(database.endpoint)
  ending.push(() => meter.stop())
  const requests = quick ? QUICK_REQUESTS : REQUESTS
  const scenes: SceneResult[] = []
  for (const scene of SCENES) {
    say(`measuring: ${scene.name}`)
    scenes.push(await measured(scene, requests, database.endpoint, meter))
  }
  return { requests, scenes }
}

async function measured(
  scene: Scene,
  requests: number,
  endpoint: string,
  meter: Awaited<ReturnType<typeof startCapacityMeter>>,
): Promise<SceneResult> {
  const tables = await createTables(endpoint)
  // Time is measured without the meter in between; what is used, with it.
  const plain = openDocuments({ endpoint })
  const counted = openDocuments({ endpoint: meter.endpoint })
  const put = (key: object, item: object) =>
    plain.send(new PutCommand({ TableName: tables.core, Item: { ...key, ...item } }))
  await put(virtualKeyKey(SHA256), { id: 'k', user_id: 'u', owner_team_id: 't', is_active: true, ...scene.key })
  await put(userKey('u'), { id: 'u', active: true, team_id: 't', ...scene.user })
  await put(teamKey('t'), { id: 't', name: 'Bench', ...scene.team })
  try {
    const gate = openGate(plain, tables)
    for (let i = 0; i < WARM_UP; i++) await serve(gate)
    const times: { readonly admitted: number; readonly settled: number }[] = []
    for (let i = 0; i < requests; i++) times.push(await serve(gate))
    const meteredGate = openGate(counted, tables)
    await serve(meteredGate)
    meter.read()
    const before = await admittedBy(meteredGate)
    const waited = meter.read()
    await before.end({ inputTokens: 25 })
    const after = meter.read()
    const readUnits = waited.readUnits + after.readUnits
    const writeUnits = waited.writeUnits + after.writeUnits
    return {
      name: scene.name,
      admission: spreadOf(times.map(({ admitted }) => admitted)),
      settlement: spreadOf(times.map(({ settled }) => settled)),
      // The pending item and the minutes are written beside the read; only what holds a share comes after it.
      waitedFor: waited.operations.filter((name) => name === 'BatchGetItem' || name === 'TransactWriteItems').length,
      operations: [...waited.operations, ...after.operations],
      readUnits,
      writeUnits,
      usdPerMillion: costsOf({ readUnits, writeUnits }, 0).database,
    }
  } finally {
    plain.destroy()
    counted.destroy()
  }
}

type Gate = ReturnType<typeof openGate>

async function admittedBy(gate: Gate) {
  const one = await gate.ask({ sha256: SHA256, at: AT })
  if (one instanceof Fault) throw one
  return one
}

async function serve(gate: Gate): Promise<{ readonly admitted: number; readonly settled: number }> {
  const start = performance.now()
  const one = await admittedBy(gate)
  const admitted = performance.now()
  await one.end({ inputTokens: 25 })
  return { admitted: admitted - start, settled: performance.now() - admitted }
}

const spreadOf = (samples: readonly number[]): Spread => ({ p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) })

export function admissionTable({ requests, scenes }: AdmissionRun): string {
  const ms = ({ p50, p99 }: Spread): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`
  return [
    `Admission and settlement, milliseconds (p50 / p99 of ${requests}, one after the other), and what DynamoDB does for one request:`,
    '',
    '| | admission | settlement | round trips waited for | read units | write units | dollars a million |',
    '|---|---|---|---|---|---|---|',
    ...scenes.map(
      (one) =>
        `| ${one.name} | ${ms(one.admission)} | ${ms(one.settlement)} | ${one.waitedFor} | ${one.readUnits} | ${one.writeUnits} | ${one.usdPerMillion.toFixed(2)} |`,
    ),
    '',
    ...scenes.map((one) => `${one.name}: ${one.operations.join(', ')}`),
  ].join('\n')
}
