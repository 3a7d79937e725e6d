/** What a person reads of a budget in the real Claude Code, in both of its modes for a gateway. Named after the points of the checklist. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claudeCode } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { type Person, peopleAt } from '../support/person.ts'

let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  gateway = await deploy({ maxEnvironments: 4 })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
})

async function limit({ keyId }: Person, amountUsd: number): Promise<void> {
  const budget = { amount_usd: amountUsd, period: 'monthly' }
  expect((await gateway.admin('PATCH', `/admin/keys/${keyId}`, { budget })).status).toBe(200)
}

describe.skipIf(claudeCode === undefined).concurrent('a budget, as Claude Code tells it', () => {
  test('30: a budget used up: one request, and our sentence word for word', async () => {
    const me = await people.meet()
    await limit(me, 0)
    const answer = await me.claude('Say hello')
    expect([answer.failed, answer.retries]).toEqual([true, []])
    expect(answer.result).toMatch(
      /^API Error: 402 Budget limit exceeded \(\$0\.00 \/ \$0\.00\): the monthly budget of this API key is used up\./,
    )
    expect(me.asked().map(({ status }) => status)).toEqual([402])
    expect(me.calls()).toEqual([])
  })

  test('30: the same in gateway provider mode: one request, our words, and warnings before', async () => {
    const me = await people.meet()
    const inMode = { variables: { CLAUDE_CODE_USE_GATEWAY: '1' } }
    await limit(me, 0)
    const answer = await me.claude('Say hello', inMode)
    expect([answer.failed, answer.retries]).toEqual([true, []])
    expect(answer.result).toMatch(
      /Budget limit exceeded \(\$0\.00 \/ \$0\.00\): the monthly budget of this API key is used up\./,
    )
    expect(
      me.asked().map(({ status, answered }) => [status, answered?.['anthropic-ratelimit-unified-status']]),
    ).toEqual([[429, 'rejected']])
  })

  test('in gateway provider mode the client warns of a budget that is nearly used up', async () => {
    const me = await people.meet()
    await limit(me, 2)
    me.script.next({ kind: 'text', tokens: 43_000 })
    await me.claude('Say much')
    await gateway.settled()
    const answer = await me.claude('Say hello', { variables: { CLAUDE_CODE_USE_GATEWAY: '1' } })
    expect(answer.failed).toBe(false)
    const told = answer.events.filter(({ type }) => type === 'rate_limit_event')
    expect(told.at(-1)).toMatchObject({ rate_limit_info: { status: 'allowed_warning', surpassedThreshold: 0.75 } })
  })
})
