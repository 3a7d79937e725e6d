/** Who may ask, and how much: set over the API of the control plane, met at the data plane by the next request. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
beforeAll(async () => {
  gateway = await deploy({ maxEnvironments: 4 })
})
afterAll(() => gateway?.stop())

const MESSAGE = { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

interface Asked {
  readonly status: number
  readonly type: string | undefined
  readonly message: string | undefined
  readonly headers: Headers
}

async function ask(key: string, headers: Record<string, string> = {}, body: object = MESSAGE): Promise<Asked> {
  const answer = await fetch(`${gateway.messagesUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(body),
  })
  const { error } = (await answer.json()) as { error?: { type: string; message: string } }
  return { status: answer.status, type: error?.type, message: error?.message, headers: answer.headers }
}

async function change(method: string, path: string, body?: object): Promise<Record<string, never>> {
  const answer = await gateway.admin(method, path, body)
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.status === 204 ? {} : ((await answer.json()) as Record<string, never>)
}

/** A person of a team, and a key of theirs. */
async function member() {
  const team = await change('POST', '/admin/teams', { name: `Team ${randomUUID()}` })
  const user = await change('POST', '/admin/users', { email: `${randomUUID()}@example.com`, team_id: team.id })
  const { id, key } = await gateway.makeKey({ user_id: user.id })
  return { team: String(team.id), user: String(user.id), keyId: id, key }
}

const calls = (): number => gateway.bedrock?.tally().length ?? 0

async function rowsOf(keyId: string) {
  await gateway.settled()
  return (await gateway.items('usage', 'REQ#')).filter(({ key_id }) => key_id === keyId)
}

describe('a budget', () => {
  test('L14: what is spent is told with every answer; used up, it is told as 402 with when it begins anew, and Bedrock hears nothing', async () => {
    const { user, key, keyId } = await member()
    await change('PUT', `/admin/users/${user}/spend-limit`, { limit_usd: 0.05 })
    const first = await ask(key)
    expect(first.status).toBe(200)
    expect(first.headers.get('x-ccag-budget-status')).toBe('ok')
    gateway.bedrock?.script.next({ kind: 'text', tokens: 2_400 })
    expect((await ask(key)).headers.get('x-ccag-budget-scope')).toBe('user')
    await gateway.settled()
    const before = calls()
    const refused = await ask(key)
    expect([refused.status, refused.type]).toEqual([402, 'billing_error'])
    expect(refused.message).toMatch(
      /^Budget limit exceeded \(\$0\.\d\d \/ \$0\.05\): .*your monthly budget.* Resets at .*T00:00:00Z\. Ask the administrator of this gateway\.$/,
    )
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(
      Object.fromEntries(
        ['status', 'remaining-usd'].map((name) => [name, refused.headers.get(`x-ccag-budget-${name}`)]),
      ),
    ).toEqual({
      status: 'blocked',
      'remaining-usd': '0.00',
    })
    expect(calls()).toBe(before)
    expect(
      (await rowsOf(keyId)).map(({ status, refusal, cost_nano }) => [status, refusal, Number(cost_nano) > 0]).sort(),
    ).toEqual([
      ['ok', null, true],
      ['ok', null, true],
      ['refused', 'over_budget', false],
    ])
    await change('PUT', `/admin/users/${user}/spend-limit`, { limit_usd: 10 })
    expect((await ask(key)).status).toBe(200)
  })

  test('of a team stops everybody whom it pays for, and nobody else; of zero, it stops at once', async () => {
    const one = await member()
    const other = await member()
    await change('PUT', `/admin/teams/${one.team}/budget`, { budget_amount_usd: 0, budget_policy: 'soft' })
    const pipeline = await gateway.makeKey({ user_id: null, team_id: one.team })
    expect((await ask(one.key)).status).toBe(402)
    expect((await ask(pipeline.key)).headers.get('x-ccag-budget-scope')).toBe('team')
    expect((await ask(other.key)).status).toBe(200)
  })

  test('of a key stops that key, and the owner’s other keys go on', async () => {
    const { user, key } = await member()
    const small = await gateway.makeKey({ user_id: user, budget: { amount_usd: 0, period: 'daily' } })
    expect((await ask(small.key)).status).toBe(402)
    expect((await ask(key)).status).toBe(200)
  })

  test('may be told as a rate, for clients that know it so', async () => {
    const { user, key } = await member()
    await change('PUT', `/admin/users/${user}/spend-limit`, { limit_usd: 0 })
    await change('PUT', '/admin/settings/default-budget', { refusal_status: 429 })
    const refused = await ask(key)
    expect([refused.status, refused.type, refused.headers.get('x-should-retry')]).toEqual([
      429,
      'spend_limit_exceeded',
      'false',
    ])
    await change('PUT', '/admin/settings/default-budget', { refusal_status: 402 })
    expect((await ask(key)).status).toBe(402)
  })

  test('is told in Claude Code’s own terms where it reads them: warnings on the way, and a refusal that keeps our words', async () => {
    const flags = {
      'user-agent': 'claude-cli/2.1.331 (external, cli)',
      'anthropic-beta': 'tool-search-tool-2025-10-19',
    }
    const { user, key } = await member()
    await change('PUT', `/admin/users/${user}/spend-limit`, { limit_usd: 1 })
    const unified = async () => {
      const { status, headers } = await ask(key, flags)
      await gateway.settled()
      const told = (name: string) => headers.get(`anthropic-ratelimit-unified-${name}`)
      return [status, told('status'), told('overage-surpassed-threshold')]
    }
    expect(await unified()).toEqual([200, 'allowed', null])
    gateway.bedrock?.script.next({ kind: 'text', tokens: 22_800 })
    await unified()
    expect(await unified()).toEqual([200, 'allowed_warning', '0.75'])
    gateway.bedrock?.script.next({ kind: 'text', tokens: 10_000 })
    await unified()
    expect((await unified()).slice(1)).toEqual(['rejected', null])
    expect((await ask(key)).headers.get('anthropic-ratelimit-unified-status')).toBeNull()
  })

  test('each threshold is an event once, whoever passes it, with the names that people know', async () => {
    const { user, team, key } = await member()
    await change('PUT', `/admin/users/${user}/spend-limit`, { limit_usd: 0.5 })
    gateway.bedrock?.script.next({ kind: 'text', tokens: 12_300 })
    await Promise.all([ask(key), ask(key), ask(key)])
    await gateway.settled()
    const events = (await gateway.items('events', 'EVENT#')).filter(({ user_id }) => user_id === user)
    expect(
      events.map(({ type, team_id, detail }) => [
        type,
        team_id,
        (detail as { threshold_percent: number }).threshold_percent,
      ]),
    ).toEqual([['notify', team, 80]])
    expect(String(events[0]?.user_email)).toMatch(/@example\.com$/)
    expect(String(events[0]?.team_name)).toMatch(/^Team /)
  })
})

describe('a limit of requests a minute', () => {
  test('L2: the one too many waits whole seconds, and passes then', async () => {
    const { key, keyId } = await member()
    await change('PATCH', `/admin/keys/${keyId}`, { rate_limit_rpm: 2 })
    expect([(await ask(key)).status, (await ask(key)).status]).toEqual([200, 200])
    const refused = await ask(key)
    expect([refused.status, refused.type]).toEqual([429, 'rate_limit_error'])
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    // Here the time passes at once; what was refused is to be taken out of the minute before it does.
    await gateway.settled()
    gateway.clock.advance(Number(refused.headers.get('retry-after')) * 1000)
    // A minute is the longest that is told: who has to wait longer is told so again, and passes then.
    let passed = await ask(key)
    if (passed.status === 429) {
      await gateway.settled()
      gateway.clock.advance(Number(passed.headers.get('retry-after')) * 1000)
      passed = await ask(key)
    }
    expect(passed).toMatchObject({ status: 200 })
  })

  test('41: /context, which counts some twenty times at once, does not run into it, and fills it not', async () => {
    const { key, keyId } = await member()
    await change('PATCH', `/admin/keys/${keyId}`, { rate_limit_rpm: 1 })
    const counts = await Promise.all(
      Array.from({ length: 25 }, () =>
        fetch(`${gateway.messagesUrl}/v1/messages/count_tokens`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body: JSON.stringify(MESSAGE),
        }),
      ),
    )
    expect(new Set(counts.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await ask(key)).status).toBe(200)
  })

  test('37: what Bedrock finds wrong does not fill it: the client asks six times', async () => {
    const { key, keyId } = await member()
    await change('PATCH', `/admin/keys/${keyId}`, { rate_limit_rpm: 2 })
    const wrong = { kind: 'error', status: 400, type: 'ValidationException', message: 'something is odd here' } as const
    for (let i = 0; i < 6; i++) {
      gateway.bedrock?.script.next(wrong)
      expect((await ask(key)).status).toBe(400)
      await gateway.settled()
    }
    expect((await ask(key)).status).toBe(200)
  })

  test('of a person holds for all their keys together', async () => {
    const { user, key } = await member()
    const second = await gateway.makeKey({ user_id: user })
    await change('PUT', `/admin/users/${user}`, { rate_limit_rpm: 1 })
    expect([(await ask(key)).status, (await ask(second.key)).status].sort()).toEqual([200, 429])
  })
})

describe('a list of models', () => {
  test('of the team refuses the others by name, and the list of models is as long', async () => {
    const { team, key } = await member()
    await change('PATCH', `/admin/teams/${team}`, { allowed_models: ['claude-haiku-5-5'] })
    const refused = await ask(key)
    expect([refused.status, refused.type]).toEqual([400, 'policy_blocked'])
    expect(refused.message).toMatch(/"claude-opus-5-5" is not among those this team may use/)
    expect((await ask(key, {}, { ...MESSAGE, model: 'claude-haiku-5-5' })).status).toBe(200)
    const list = await fetch(`${gateway.messagesUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } })
    const { data } = (await list.json()) as { data: { id: string }[] }
    expect(new Set(data.map(({ id }) => id.replace('[1m]', '')))).toEqual(new Set(['claude-haiku-5-5']))
  })
})

test('an expired key, a suspended person and a deleted one are refused by the next request', async () => {
  const { user, key } = await member()
  const soon = new Date(gateway.clock.now().getTime() + 60_000).toISOString()
  const short = await gateway.makeKey({ user_id: user, expires_at: soon })
  expect([(await ask(short.key)).status, (await ask(key)).status]).toEqual([200, 200])
  gateway.clock.advance(61_000)
  expect(await ask(short.key)).toMatchObject({ status: 401, message: /has expired/ })
  await change('PUT', `/admin/users/${user}`, { active: false })
  expect(await ask(key)).toMatchObject({ status: 401, message: /not active/ })
  await change('PUT', `/admin/users/${user}`, { active: true })
  expect((await ask(key)).status).toBe(200)
  await change('DELETE', `/admin/users/${user}`)
  expect((await ask(key)).status).toBe(401)
})
