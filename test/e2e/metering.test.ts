/** No cent lost, doubled or invented, whatever dies. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { UpstreamCall } from '../../local/bedrock/tally.ts'
import { expectBooksToAgree } from '../support/books.ts'
import { ask, type Deployed, deploy } from '../support/deployed.ts'
import { peakMemoryOf } from '../support/memory.ts'

let gateway: Deployed
let key: { id: string; key: string }

beforeAll(async () => {
  gateway = await deploy({ faultProxy: true, maxEnvironments: 6 })
  key = await gateway.makeKey({ name: 'Metered' })
})
afterEach(() => {
  gateway.bedrock?.script.clear()
  gateway.faults?.clear()
})
afterAll(() => gateway?.stop())

/** Of people and keys; the gateway's own requests, by which `watch` tries flags, are not told here. */
const rows = async () => (await gateway.items('usage', 'REQ#')).filter(({ identity }) => identity !== 'gateway')
const rowsOf = async (from: number) => (await rows()).sort(byArrival).slice(from)
const byArrival = (a: Record<string, unknown>, b: Record<string, unknown>) => String(a.SK).localeCompare(String(b.SK))
const count = async () => (await rows()).length

const isSomebodys = ({ requestMetadata }: UpstreamCall): boolean => requestMetadata?.key !== 'gateway'

async function readAll(answer: Response): Promise<string> {
  return await answer.text()
}

/** Moves the gateway's clock, for the requests that come as well, and lets `watch` look. */
async function watchLater(minutes: number): Promise<void> {
  gateway.clock.advance(minutes * 60_000)
  await gateway.tick('watch')
}

test('S15: a client that hangs up after the first event is billed what the model generated', async () => {
  const before = await count()
  gateway.bedrock?.script.next({ kind: 'text', tokens: 40, chunkDelayMs: 10 })
  const hangUp = new AbortController()
  const answer = await ask(gateway.messagesUrl, { key: key.key, signal: hangUp.signal })
  await answer.body?.getReader().read()
  hangUp.abort()
  await expect.poll(count).toBe(before + 1)
  await gateway.settled()
  const call = gateway.bedrock?.tally().at(-1)
  expect(call?.outcome).toBe('completed')
  expect((await rowsOf(before))[0]).toMatchObject({
    status: 'ok',
    estimated: false,
    output_tokens: call?.usage.outputTokens,
  })
})

test('an environment that is frozen between requests has settled before', async () => {
  const before = await count()
  await readAll(await ask(gateway.messagesUrl, { key: key.key }))
  await expect
    .poll(() =>
      gateway.functions
        .get('messages')
        ?.environments()
        .every((one) => one.frozen),
    )
    .toBe(true)
  expect(await count()).toBe(before + 1)
  expect(await gateway.items('usage', 'PEND#')).toEqual([])
})

describe('whatever DynamoDB does to a settlement, it counts once', () => {
  test.each([
    ['its answer is lost after the commit', 'lost-answer', 1],
    ['its answer does not come until the time runs out', 'no-answer', 1],
    ['other transactions conflict with it', 'transaction-conflict', 5],
    ['it fails inside', 'internal-error', 2],
    ['it is throttled', 'throttle', 2],
    ['the connection is refused', 'refuse-connection', 2],
  ] as const)('%s', async (_name, fault, times) => {
    const before = await count()
    gateway.faults?.inject({ fault, times, operation: 'TransactWriteItems' })
    await readAll(await ask(gateway.messagesUrl, { key: key.key }))
    await gateway.settled()
    expect(await count()).toBe(before + 1)
    await expectBooksToAgree(gateway)
  })

  test('the pending item’s acknowledgement is lost: the request is served and counts once', async () => {
    const before = await count()
    gateway.faults?.inject({ fault: 'lost-answer', times: 1, operation: 'PutItem' })
    expect((await ask(gateway.messagesUrl, { key: key.key })).status).toBe(200)
    await expect.poll(count).toBe(before + 1)
    await gateway.settled()
    await expectBooksToAgree(gateway)
  })

  test('keys of a batch that come back unread are read again', async () => {
    gateway.faults?.inject({ fault: 'unprocessed-keys', times: 2, operation: 'BatchGetItem' })
    expect((await ask(gateway.messagesUrl, { key: key.key })).status).toBe(200)
    await gateway.settled()
  })
})

test('a request whose settlement never gets through stays pending, its figures in the log, and is settled by watch', async () => {
  const before = await count()
  gateway.faults?.inject({ fault: 'internal-error', times: 1000, operation: 'TransactWriteItems' })
  await readAll(await ask(gateway.messagesUrl, { key: key.key }))
  await expect
    .poll(() => gateway.logged.some((line) => line.includes('settlement_failed')), { timeout: 10_000 })
    .toBe(true)
  gateway.faults?.clear()
  expect(await gateway.items('usage', 'PEND#')).toHaveLength(1)
  await watchLater(18)
  expect((await rowsOf(before)).map((row) => [row.status, row.estimated])).toEqual([['aborted', true]])
  expect(await gateway.items('usage', 'PEND#')).toEqual([])
})

test('L28: a request that cannot be written down is not served: Bedrock never hears of it', async () => {
  const before = [await count(), gateway.bedrock?.tally().length]
  gateway.faults?.inject({ fault: 'internal-error', times: 1000, operation: 'PutItem' })
  const answer = await ask(gateway.messagesUrl, { key: key.key })
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { type: 'api_error' } }])
  gateway.faults?.clear()
  await gateway.settled()
  expect([await count(), gateway.bedrock?.tally().length]).toEqual(before)
})

test('watch leaves alone what may still be running', async () => {
  gateway.bedrock?.script.next({ kind: 'text', tokens: 30, chunkDelayMs: 50 })
  const before = await count()
  const answer = await ask(gateway.messagesUrl, { key: key.key })
  await gateway.tick('watch', new Date(gateway.clock.now().getTime() + 15 * 60_000))
  expect(await gateway.items('usage', 'PEND#')).toHaveLength(1)
  await readAll(answer)
  await gateway.settled()
  expect((await rowsOf(before)).map((row) => row.estimated)).toEqual([false])
})

test('one round trip to the database is waited for when warm, two when cold, and three units of writing follow', async () => {
  const own = await gateway.makeKey()
  const environments = () => gateway.functions.get('messages')?.environments() ?? []
  const operationsOf = async (): Promise<string[]> => {
    // One that has settled and not yet returned would leave the next request to another one.
    await expect.poll(() => environments().every(({ state }) => state === 'idle')).toBe(true)
    gateway.faults?.forget()
    await readAll(await ask(gateway.messagesUrl, { key: own.key }))
    await gateway.settled()
    return [...(gateway.faults?.operations() ?? [])]
  }
  // Every environment's first request for this key is cold; one environment answers all of these.
  const cold = await operationsOf()
  const warm = await operationsOf()
  expect(cold.filter((name) => name !== 'Query').sort()).toEqual([
    'BatchGetItem',
    'BatchGetItem',
    'PutItem',
    'TransactWriteItems',
    // Whether the person has a limit is not known before: their minute is counted all the same, in the same moment.
    'UpdateItem',
  ])
  expect(warm.sort()).toEqual(['BatchGetItem', 'PutItem', 'TransactWriteItems'])
})

test('a stream of 100 MB passes in constant memory', async () => {
  const streamed = 100_000_000
  // Warm first, so that what grows afterwards is the stream's.
  await readAll(await ask(gateway.messagesUrl, { key: key.key }))
  const peak = (): number =>
    Math.max(...(gateway.functions.get('messages')?.environments() ?? []).map(({ pid }) => peakMemoryOf(pid)))
  const before = peak()
  gateway.bedrock?.script.next({ kind: 'large', bytes: streamed })
  const answer = await ask(gateway.messagesUrl, { key: key.key })
  let bytes = 0
  for await (const chunk of answer.body ?? []) bytes += chunk.length
  expect(bytes).toBeGreaterThan(streamed)
  expect(peak() - before).toBeLessThan(streamed / 2)
  await gateway.settled()
})

/** Requests with it hold their share: what is left is less than 512 of them might take as a new environment expects it. */
async function keyOfNearlyUsedUpTeam(): Promise<{ id: string; key: string }> {
  const made = await gateway.admin('POST', '/admin/teams', { name: `Nearly used up ${Math.random()}` })
  const { id } = (await made.json()) as { id: string }
  await gateway.admin('PUT', `/admin/teams/${id}/budget`, { budget_amount_usd: 2 })
  return await gateway.makeKey({ team_id: id })
}

async function expectNothingHeld(): Promise<void> {
  const counters = await gateway.items('usage', 'SPEND#')
  expect(counters.some((counter) => 'reserved' in counter)).toBe(true)
  expect(counters.filter(({ reserved = 0 }) => reserved !== 0)).toEqual([])
}

/** Seeded, so that a failure can be had again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('a database that fails at random under load', () => {
  test('every call of Bedrock has one row, nothing is counted twice, and nothing stays held', async () => {
    await gateway.settled()
    const before = gateway.bedrock?.tally().length ?? 0
    const rowsBefore = await count()
    const key = await keyOfNearlyUsedUpTeam()
    const chance = seeded(20_261_127)
    const faults = ['lost-answer', 'transaction-conflict', 'internal-error', 'throttle', 'refuse-connection'] as const
    // Each takes as long as the SDK waits.
    let silences = 6
    const operations = ['TransactWriteItems', 'PutItem', 'BatchGetItem', 'UpdateItem'] as const
    const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T
    let asked = 0
    const client = async (): Promise<void> => {
      while (asked < 120) {
        asked++
        // Some of them outlast the SDK's own tries.
        const operation = pick(operations)
        if (silences > 0 && chance() < 0.1) {
          silences--
          gateway.faults?.inject({ fault: 'no-answer', times: 1, operation })
        } else gateway.faults?.inject({ fault: pick(faults), times: 1 + Math.floor(chance() * 6), operation })
        await ask(gateway.messagesUrl, { key: key.key, stream: chance() < 0.8 })
          .then((answer) => answer.text())
          .catch(() => {})
      }
    }
    await Promise.all([client(), client(), client(), client()])
    gateway.faults?.clear()
    await watchLater(18)
    expect(await gateway.items('usage', 'PEND#')).toEqual([])
    await expectNothingHeld()
    const calls = (gateway.bedrock?.tally().slice(before) ?? []).filter(isSomebodys)
    const rows = (await rowsOf(0)).slice(rowsBefore).filter((row) => row.status !== 'refused')
    expect(calls.length).toBeGreaterThan(30)
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length)
    const exact = rows.filter((row) => row.estimated !== true)
    const seen = new Set(exact.map((row) => row.message_id))
    expect(seen.size).toBe(exact.length)
    // A call whose settlement never got through has an estimate instead; never none.
    const unread = calls.filter(({ id }) => !seen.has(id))
    expect(unread.length).toBeLessThanOrEqual(rows.length - exact.length)
    const counters = (await gateway.items('usage', 'SPEND#TEAM#')).filter(({ PK }) =>
      rows.some((row) => PK === `SPEND#TEAM#${row.team_id}`),
    )
    const costs = rows.reduce((sum, row) => sum + Number(row.cost_nano), 0)
    expect(counters.reduce((sum, { m_cost = 0 }) => sum + Number(m_cost), 0)).toBe(costs)
  })
})

describe('environments killed at random instants under load', () => {
  test('every call of Bedrock has one row; only what died is an estimate', async () => {
    await gateway.settled()
    const before = gateway.bedrock?.tally().length ?? 0
    const rowsBefore = await count()
    const key = await keyOfNearlyUsedUpTeam()
    gateway.bedrock?.script.always({ kind: 'text', tokens: 12, chunkDelayMs: 4 })
    let killed = 0
    const called = (): number => (gateway.bedrock?.tally().length ?? 0) - before
    // Counted, not timed, so that a slow machine proves as much as a fast one.
    const isEnough = (): boolean => called() >= 120 && killed >= 30
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    const chance = seeded(20_261_124)
    const client = async (): Promise<void> => {
      while (!isEnough()) {
        await ask(gateway.messagesUrl, { key: key.key, stream: chance() < 0.8 })
          .then((answer) => answer.text())
          .catch(() => {})
      }
    }
    const killer = async (): Promise<void> => {
      while (!isEnough()) {
        // Some calls get through between two deaths; at which instant of the next one it comes is left to chance.
        for (const seen = called(); called() < seen + 3 && !isEnough(); ) await pause(2)
        await pause(chance() * 80)
        const environments = gateway.functions.get('messages')?.environments() ?? []
        environments[Math.floor(chance() * environments.length)]?.kill()
        killed++
      }
    }
    await Promise.all([client(), client(), client(), client(), killer()])
    gateway.bedrock?.script.clear()
    await expect
      .poll(
        () =>
          gateway.functions
            .get('messages')
            ?.environments()
            .every((one) => one.state !== 'busy'),
        { timeout: 10_000 },
      )
      .toBe(true)
    await watchLater(18)
    expect(await gateway.items('usage', 'PEND#')).toEqual([])
    await expectNothingHeld()

    const calls = (gateway.bedrock?.tally().slice(before) ?? []).filter(isSomebodys)
    const rows = (await rowsOf(0)).slice(rowsBefore).filter((row) => row.status !== 'refused')
    expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length)
    // Killed between the pending item and the call: a row without a call, an estimate. Never a call without a row.
    expect(rows.length).toBeGreaterThanOrEqual(calls.length)
    expect(rows.length - calls.length).toBeLessThanOrEqual(killed)
    const exact = rows.filter((row) => row.estimated !== true)
    expect(rows.length - exact.length).toBeLessThanOrEqual(killed)
    // Every exact row is one call's, to the token; no call has two.
    expect(new Set(exact.map((row) => row.message_id)).size).toBe(exact.length)
    for (const row of exact) {
      const call = calls.find(({ id }) => id === row.message_id)
      expect([row.input_tokens, row.output_tokens]).toEqual([call?.usage.inputTokens, call?.usage.outputTokens])
    }
  })
})
