/** What is admitted, with the real database: whatever comes at once, no budget is passed by more than what could not be known. */
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { budgetAttributes } from '../../../lambdas/budgets/budget-attributes.ts'
import { amountAt, type PolicyRule, PRESETS } from '../../../lambdas/budgets/policy.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { budgetSettingsKey, teamKey, userKey, virtualKeyKey } from '../../../lambdas/table/core-keys.ts'
import { type Documents, openDocuments } from '../../../lambdas/table/document.store.ts'
import { type Database, startDatabase } from '../../../local/database/engine.ts'
import { type FaultProxy, startFaultProxy } from '../../../local/database/fault-proxy.ts'
import { type AdmittedHere, type Gate, openGate } from '../../support/admission.ts'
import { createTables, type TableNames } from '../../support/tables.ts'

const AT = instant(Date.UTC(2026, 10, 27, 12, 0, 10))
const SHA = 'a'.repeat(64)
const usd = (amount: number) => nanoUsd(Math.round(amount * 1e9))

let database: Database
let proxy: FaultProxy
let documents: Documents
let tables: TableNames
beforeAll(async () => {
  database = await startDatabase()
  proxy = await startFaultProxy(database.endpoint)
  documents = openDocuments({ endpoint: proxy.endpoint })
})
beforeEach(() => anew())
afterAll(async () => {
  documents?.destroy()
  await proxy?.stop()
  await database?.stop()
})

const put = (key: object, item: object) =>
  documents.send(new PutCommand({ TableName: tables.core, Item: { ...key, ...item } }))

async function anew(): Promise<void> {
  tables = await createTables(database.endpoint)
  await person({})
}

/** One person of one team, with one key. */
async function person(wish: { key?: object; user?: object; team?: object }): Promise<void> {
  await put(virtualKeyKey(SHA), { id: 'k', user_id: 'u', owner_team_id: 't', is_active: true, ...wish.key })
  await put(userKey('u'), { id: 'u', email: 'u@example.com', active: true, team_id: 't', ...wish.user })
  await put(teamKey('t'), { id: 't', name: 'Red', ...wish.team })
}

async function items(table: keyof TableNames, prefix: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: tables[table], ConsistentRead: true }))
  return Items.filter(({ PK }) => String(PK).startsWith(prefix))
}
const sumOf = (rows: readonly Record<string, unknown>[], attribute: string): number =>
  rows.reduce((sum, row) => sum + Number(row[attribute] ?? 0), 0)

async function admitted(gate: Gate, bytes?: number): Promise<AdmittedHere> {
  const one = await gate.ask({ sha256: SHA, at: AT, ...(bytes !== undefined && { bytes }) })
  if (one instanceof Fault) throw one
  return one
}

const budget = (limit: number, rules: readonly PolicyRule[] = PRESETS.standard, period = 'monthly' as const) =>
  budgetAttributes({ limit: usd(limit), period, rules })

/** 4 kB and 400 tokens of opus-5-5, globally: 1,000 × $4 and 400 × $20 a million, and some bytes of JSON. */
const EXPECTED = { min: 0.0119, max: 0.0122 }

test('with no budget in sight nothing is held, and the request is one read and one write beside it', async () => {
  const gate = openGate(documents, tables)
  await (await admitted(gate)).end({ inputTokens: 1 })
  proxy.forget()
  const one = await admitted(gate)
  expect(one.holds).toBe(false)
  expect([...proxy.operations()].sort()).toEqual(['BatchGetItem', 'PutItem'])
  await one.end({ inputTokens: 1 })
})

test('with room for many, a budget costs no round trip more; near its end a request holds its share, and gives it back', async () => {
  await person({ user: { spend_limit_nano: usd(1000) } })
  const gate = openGate(documents, tables)
  await (await admitted(gate)).end({ inputTokens: 1 })
  proxy.forget()
  const far = await admitted(gate)
  expect(far.holds).toBe(false)
  expect([...proxy.operations()].sort()).toEqual(['BatchGetItem', 'PutItem'])
  await far.end({ inputTokens: 1 })

  await person({ user: { spend_limit_nano: usd(0.5) } })
  const near = await admitted(gate)
  expect(near.holds).toBe(true)
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'reserved') / 1e9).toBeGreaterThan(EXPECTED.min)
  await near.end({ inputTokens: 1000 })
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'reserved')).toBe(0)
})

test('near the end of a budget a request that may take several turns of the model holds its share for them', async () => {
  await person({ user: { spend_limit_nano: usd(0.5) } })
  const gate = openGate(documents, tables)
  const one = await gate.ask({ sha256: SHA, at: AT, turns: 3 })
  if (one instanceof Fault) throw one
  const held = sumOf(await items('usage', 'SPEND#USER#u'), 'reserved') / 1e9
  expect([held > 3 * EXPECTED.min, held < 3 * EXPECTED.max]).toEqual([true, true])
  await one.end({ inputTokens: 1 })
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'reserved')).toBe(0)
})

test('many at once against a small cap: those are admitted for whom there is room, and no cent passes it', async () => {
  await person({ user: { spend_limit_nano: usd(0.05) } })
  const gates = [openGate(documents, tables), openGate(documents, tables), openGate(documents, tables)]
  const outcomes = await Promise.all(
    Array.from({ length: 15 }, (_, place) => gates[place % 3]?.ask({ sha256: SHA, at: AT }) ?? expect.unreachable()),
  )
  const through = outcomes.filter((one) => !(one instanceof Fault)) as AdmittedHere[]
  // 0.05 / 0.0121
  expect(through).toHaveLength(4)
  const refused = outcomes.filter((one) => one instanceof Fault)
  // Who is turned away while others run is to come again: some of what is held comes back.
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['rate_limited']))
  expect(refused[0]?.message).toMatch(
    /^What is left of your monthly budget \(\$0\.00 \/ \$0\.05\) is held for requests that are running: \$0\.05\./,
  )
  for (const one of through) await one.end({ inputTokens: 1000, outputTokens: 400 })
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'm_cost') / 1e9).toBeLessThanOrEqual(0.05)
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'reserved')).toBe(0)
  expect(await items('usage', 'PEND#')).toEqual([])
})

test('what others hold counts: requests that are small beside the budget do not pass what a large one holds of it', async () => {
  await person({ user: { spend_limit_nano: usd(3) } })
  const gate = openGate(documents, tables)
  // Some of it is spent, and one request is expected to take nearly all that is left.
  await (await admitted(gate)).end({ outputTokens: 50_000 })
  const large = await gate.ask({ sha256: SHA, at: AT, bytes: 1_960_000 })
  if (large instanceof Fault) throw large
  expect(large.holds).toBe(true)
  let through = 0
  for (let i = 0; i < 12; i++) {
    const small = await gate.ask({ sha256: SHA, at: AT })
    if (small instanceof Fault) expect(small.code).toBe('rate_limited')
    else {
      through++
      await small.end({ inputTokens: 1_000, outputTokens: 400 })
    }
  }
  await large.end({ outputTokens: Math.round(large.expected / 20_000) })
  expect(through).toBeGreaterThan(0)
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'm_cost')).toBeLessThanOrEqual(usd(3))
})

test('a request for which there is not enough is told what it may cost, and no threshold that was not passed is told of', async () => {
  await person({ user: { spend_limit_nano: usd(0.005) } })
  const gate = openGate(documents, tables)
  expect(await gate.ask({ sha256: SHA, at: AT })).toMatchObject({
    code: 'over_budget',
    message: /is not enough for this request, which may cost about \$0\.01\. A shorter one may fit/,
  })
  expect(await items('events', 'EVENT#')).toEqual([])
})

test('what is refused leaves a row with its reason and no cost, holds nothing, and fills no minute', async () => {
  await person({ key: { budget_nano: usd(0), rate_limit_rpm: 100 } })
  const gate = openGate(documents, tables)
  expect(await gate.ask({ sha256: SHA, at: AT })).toMatchObject({ code: 'over_budget' })
  expect(await items('usage', 'REQ#')).toMatchObject([
    { status: 'refused', refusal: 'over_budget', cost_nano: 0, team_id: 't' },
  ])
  expect(await items('usage', 'PEND#')).toEqual([])
  expect((await items('ephemeral', 'RATE#KEY#')).map(({ requests, tokens }) => [requests, tokens])).toEqual([[0, 0]])
})

test('a changed budget, limit or list of models is effective on the next request, in every environment', async () => {
  const gates = [openGate(documents, tables), openGate(documents, tables)] as const
  for (const gate of gates) await (await admitted(gate)).end({ inputTokens: 1 })
  const both = async () => {
    const codes: string[] = []
    for (const gate of gates) {
      const one = await gate.ask({ sha256: SHA, at: AT })
      codes.push(one instanceof Fault ? one.code : 'admitted')
      if (!(one instanceof Fault)) await one.end({ inputTokens: 1 })
    }
    return codes
  }
  await person({ user: { spend_limit_nano: 0 } })
  expect(await both()).toEqual(['over_budget', 'over_budget'])
  await person({ team: budget(0) })
  expect(await both()).toEqual(['over_budget', 'over_budget'])
  await person({ team: { allowed_models: ['claude-haiku-5-5'] } })
  expect(await both()).toEqual(['model_refused', 'model_refused'])
  await person({ key: { rate_limit_rpm: 1 } })
  expect(await both()).toEqual(['admitted', 'rate_limited'])
  await person({ key: { valid_until: new Date(AT).toISOString() } })
  expect(await both()).toEqual(['suspended', 'suspended'])
  await person({})
  expect(await both()).toEqual(['admitted', 'admitted'])
})

test('L11: a limit that is raised within its period is told of anew, each of its thresholds once', async () => {
  const gates = [openGate(documents, tables), openGate(documents, tables)] as const
  /** What is spent stays: 4.2 cents each time that more than a token is answered. */
  const spend = async (outputTokens: number) => {
    for (const gate of gates) await (await admitted(gate)).end({ outputTokens: gate === gates[0] ? outputTokens : 1 })
  }
  const told = async () =>
    (await items('events', 'EVENT#'))
      .map(({ detail }) => detail as Record<string, unknown>)
      .map(({ threshold_percent, limit_nano_usd }) => [threshold_percent, limit_nano_usd])
      .sort(([, one], [, other]) => Number(one) - Number(other))
  const limited = (amount: number) => person({ key: budget(amount, [{ at_percent: 80, action: 'notify' }]) })
  await limited(0.05)
  await spend(2100)
  expect(await told()).toEqual([[80, usd(0.05)]])
  await limited(0.1)
  await spend(1)
  expect(await told()).toEqual([[80, usd(0.05)]])
  await spend(2100)
  await spend(1)
  expect(await told()).toEqual([
    [80, usd(0.05)],
    [80, usd(0.1)],
  ])
})

test('L2, L3: a limit of requests holds across environments, and the one that waits is told for how long', async () => {
  await person({ key: { rate_limit_rpm: 3 } })
  const gates = Array.from({ length: 4 }, () => openGate(documents, tables))
  const outcomes = await Promise.all(gates.flatMap((gate) => [0, 1].map(() => gate.ask({ sha256: SHA, at: AT }))))
  const refused = outcomes.filter((one) => one instanceof Fault)
  expect(refused).toHaveLength(5)
  for (const one of refused) {
    expect(one.code).toBe('rate_limited')
    expect(Number.isInteger(one.retryAfterSeconds)).toBe(true)
  }
  const wait = Math.max(...refused.map(({ retryAfterSeconds = 0 }) => retryAfterSeconds))
  // A minute is the longest that is told: a client that hears more gives up. Who has to wait longer hears it again.
  expect(wait).toBeLessThanOrEqual(60)
  const again = await gates[0]?.ask({ sha256: SHA, at: addMs(AT, wait * 1000) })
  const more = again instanceof Fault ? (again.retryAfterSeconds ?? 0) : 0
  expect(await gates[0]?.ask({ sha256: SHA, at: addMs(AT, (wait + more) * 1000) })).not.toBeInstanceOf(Fault)
  expect(await items('events', 'EVENT#')).toMatchObject([{ type: 'rate_limit', key_id: 'k', user_id: 'u' }])
})

test('tokens a minute: what runs counts as expected, what is over as it was; cache reads are free', async () => {
  await person({ user: { rate_limit_tpm: 3_000 } })
  const gate = openGate(documents, tables)
  const one = await admitted(gate)
  await one.end({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 100_000 })
  expect(sumOf(await items('ephemeral', 'RATE#USER#'), 'tokens')).toBe(15)
  const two = await admitted(gate)
  const three = await admitted(gate)
  expect(await gate.ask({ sha256: SHA, at: AT })).toMatchObject({
    code: 'rate_limited',
    message: /3,000 tokens a minute/,
  })
  await two.end({ inputTokens: 1_000, outputTokens: 1_000, cacheWrite5mTokens: 900 })
  await three.end({ outputTokens: 1 })
  expect(sumOf(await items('ephemeral', 'RATE#USER#'), 'tokens')).toBe(15 + 2_900 + 1)
})

test('a request larger than the limit passes when nothing else was asked for, and not beside others', async () => {
  await person({ key: { rate_limit_tpm: 500 } })
  const gate = openGate(documents, tables)
  const one = await admitted(gate)
  expect(await gate.ask({ sha256: SHA, at: AT })).toMatchObject({ code: 'rate_limited' })
  await one.end({ inputTokens: 1 })
})

test('a shaped budget lets so many through a minute, and says so', async () => {
  const rules = [
    { at_percent: 1, action: 'shape', shaped_rpm: 2 },
    { at_percent: 500, action: 'block' },
  ] as const
  await person({ team: { ...budget(1, rules) } })
  const gate = openGate(documents, tables)
  const codes: string[] = []
  for (let i = 0; i < 4; i++) {
    const one = await gate.ask({ sha256: SHA, at: AT })
    codes.push(one instanceof Fault ? one.code : 'admitted')
    if (!(one instanceof Fault)) await one.end({ inputTokens: 3_000, outputTokens: 1_000 })
  }
  expect(codes).toEqual(['admitted', 'admitted', 'rate_limited', 'rate_limited'])
  expect(gate.told.get('x-ccag-budget-status')).toBe('shaped')
})

test('budget headers tell the budget that decides', async () => {
  await person({ user: { spend_limit_nano: usd(1) }, team: budget(100) })
  const gate = openGate(documents, tables)
  await (await admitted(gate)).end({ inputTokens: 212_500 })
  await (await admitted(gate)).end({ inputTokens: 1 })
  expect(Object.fromEntries(gate.told)).toEqual({
    'x-ccag-budget-status': 'warning',
    'x-ccag-budget-percent': '85.0',
    'x-ccag-budget-remaining-usd': '0.15',
    'x-ccag-budget-resets': '2026-12-01T00:00:00.000Z',
    'x-ccag-budget-scope': 'user',
  })
})

test.each([
  ['a period', { budget_period: 'hourly' }],
  ['an amount', { budget_nano: 'as much as it takes' }],
  ['an action', { budget_policy: [{ at_percent: 100, action: 'ask' }] }],
])('a default budget with %s of a newer version refuses people without a team, and nobody else', async (_, unknown) => {
  await put(budgetSettingsKey, { ...budget(100), rev: 1, ...unknown })
  await (await admitted(openGate(documents, tables))).end({ inputTokens: 1 })
  await person({ key: { owner_team_id: null }, user: { team_id: null } })
  const outcome = await openGate(documents, tables).ask({ sha256: SHA, at: AT })
  expect(outcome).toMatchObject({ code: 'settings_unreadable' })
  expect(await items('usage', 'PEND#')).toEqual([])
  const rows = await items('usage', 'REQ#')
  expect(rows.map(({ status, refusal }) => [status, refusal])).toContainEqual(['refused', 'settings_unreadable'])
})

test('of settings that say how something is told, what a newer version wrote counts as none, and nobody is refused for it', async () => {
  await put(budgetSettingsKey, { ...budget(100), rev: 1, refusal_status: 418, notify_recipients: ['ann'] })
  await (await admitted(openGate(documents, tables))).end({ inputTokens: 1 })
  await person({ key: { owner_team_id: null }, user: { team_id: null } })
  await (await admitted(openGate(documents, tables))).end({ inputTokens: 1 })
  await put(budgetSettingsKey, { ...budget(0), rev: 1, refusal_status: 418 })
  expect(await openGate(documents, tables).ask({ sha256: SHA, at: AT })).toMatchObject({ code: 'over_budget' })
})

test('when it is not known whether a share is held, the books say so: nothing stays held', async () => {
  await person({ user: { spend_limit_nano: usd(0.5) } })
  const gate = openGate(documents, tables)
  await (await admitted(gate)).end({ inputTokens: 1 })
  // The hold is committed and its answer lost, so often that the SDK gives up.
  proxy.inject({ fault: 'lost-answer', times: 1, operation: 'TransactWriteItems' })
  proxy.inject({ fault: 'internal-error', times: 8, operation: 'TransactWriteItems' })
  const outcome = await gate.ask({ sha256: SHA, at: AT })
  proxy.clear()
  if (outcome instanceof Fault) expect(outcome.code).toBe('database_unavailable')
  else await outcome.end({})
  expect(sumOf(await items('usage', 'SPEND#USER#u'), 'reserved')).toBe(0)
  expect(await items('usage', 'PEND#')).toEqual([])
})

/** Requests of one person and team, some at the same time, each with its own size and surprise. */
const REQUESTS = fc.array(
  fc.record({
    environment: fc.nat(2),
    wave: fc.nat(3),
    bytes: fc.integer({ min: 400, max: 20_000 }),
    /** Of what was expected, in percent. */
    surprise: fc.integer({ min: 5, max: 160 }),
  }),
  { minLength: 4, maxLength: 16 },
)

test('L9: for any interleaving counters equal rows, limits are passed by estimates’ errors at most, thresholds notify once', async () => {
  await fc.assert(
    fc.asyncProperty(REQUESTS, fc.integer({ min: 20, max: 150 }), fc.boolean(), async (requests, milliUsd, byTeam) => {
      await anew()
      const limit = milliUsd / 1000
      // The one that is not to be met first is far away.
      const [own, ofTeam] = byTeam ? [limit * 100, limit] : [limit, limit * 1.5]
      await person({ user: { spend_limit_nano: usd(own) }, team: budget(ofTeam) })
      const gates = Array.from({ length: 3 }, () => openGate(documents, tables))
      let errors = 0
      for (const wave of [0, 1, 2, 3]) {
        await Promise.all(
          requests
            .filter((request) => request.wave === wave)
            .map(async ({ environment, bytes, surprise }) => {
              const one = await gates[environment]?.ask({ sha256: SHA, at: AT, bytes, outputTokens: 100 })
              if (one === undefined || one instanceof Fault) return
              // 20 dollars a million tokens.
              const actual = Math.round((one.expected * surprise) / 100)
              errors += Math.max(0, actual - one.expected)
              await one.end({ outputTokens: Math.round(actual / 20_000) })
            }),
        )
      }
      const rows = await items('usage', 'REQ#')
      const spent = sumOf(rows, 'cost_nano')
      expect(rows).toHaveLength(requests.length)
      for (const who of ['SPEND#USER#u', 'SPEND#TEAM#t']) {
        const counters = await items('usage', who)
        expect([sumOf(counters, 'm_cost'), sumOf(counters, 'd27_cost'), sumOf(counters, 'w48_cost')]).toEqual([
          spent,
          spent,
          spent,
        ])
        expect(counters.filter(({ reserved = 0 }) => reserved !== 0)).toEqual([])
      }
      expect(spent).toBeLessThanOrEqual(usd(limit) + errors + requests.length * 10_000)
      const events = (await items('events', 'EVENT#')).map(({ id }) => String(id))
      expect(new Set(events).size).toBe(events.length)
      const passed = [
        ...PRESETS.standard
          .filter((rule) => spent >= amountAt(rule, usd(own)))
          .map(({ at_percent, action }) => `user.u.monthly.2026-11-01.${usd(own)}.${at_percent}.${action}`),
        ...PRESETS.standard
          .filter((rule) => spent >= amountAt(rule, usd(ofTeam)))
          .map(({ at_percent, action }) => `team.t.monthly.2026-11-01.${usd(ofTeam)}.${at_percent}.${action}`),
      ].map((id) => `budget.${id}`)
      expect(events.sort()).toEqual(passed.sort())
    }),
    { numRuns: 25, seed: 20_261_127 },
  )
}, 120_000)
