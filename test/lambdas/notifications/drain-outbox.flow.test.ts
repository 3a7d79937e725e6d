import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HEALTHY } from '../../../lambdas/notifications/circuit.ts'
import { drainChanges, drainDue } from '../../../lambdas/notifications/drain-outbox.flow.ts'
import { addMs, type Instant, instant, isoOf } from '../../../lambdas/platform/instant.ts'
import { eventKey, outboxPartition, timeSortKey } from '../../../lambdas/table/events-keys.ts'
import { SIGNING_SECRET, startOutbox, type TestOutbox } from '../../support/outbox.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const now = instant(Date.parse('2026-11-24T12:00:00.500Z'))

let outbox: TestOutbox
beforeEach(async () => {
  outbox = await startOutbox()
})
afterEach(() => outbox.stop())

const drain = (at: Instant = now) => drainDue(at, outbox.tools)
const many = async (count: number, at: Instant = now) => {
  const ids: string[] = []
  for (let place = 0; place < count; place++) ids.push((await outbox.write(addMs(at, -place))).id)
  return ids
}
const statesOf = async (ids: readonly string[]) => (await Promise.all(ids.map(outbox.read))).map(({ state }) => state)
const deliveries = () => outbox.sink.received.map(({ delivery }) => delivery)

describe('a webhook', () => {
  test('is told what happened, signed, with an id by which it knows what it has had', async () => {
    await outbox.activate()
    const event = await outbox.write(addMs(now, -2000))
    expect(await drain()).toBe(1)
    const [hook] = outbox.sink.received
    expect(outbox.sink.received).toHaveLength(1)
    expect(JSON.parse(hook?.body ?? '')).toEqual({
      source: 'ccag',
      version: '1',
      category: 'budget',
      event_type: 'budget_warning',
      severity: 'warning',
      user_identity: 'ada@example.com',
      team_id: '22222222-2222-4222-8222-222222222222',
      team_name: 'Compilers',
      detail: {
        threshold_percent: 80,
        spend_usd: 41.2,
        limit_usd: 50,
        percent: 82.4,
        period: 'weekly',
        period_start: '2026-11-24T00:00:00.000Z',
      },
      timestamp: '2026-11-24T11:59:58.500Z',
    })
    const timestamp = String(hook?.headers['x-ccag-timestamp'])
    expect(timestamp).toBe(String(Math.floor(now / 1000)))
    const sum = createHmac('sha256', SIGNING_SECRET).update(`${timestamp}.${hook?.body}`).digest('hex')
    expect(hook?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'claude-code-gateway/test',
      'x-ccag-delivery': event.id,
      'x-ccag-signature': `v1=${sum}`,
    })
    const item = await outbox.read(event.id)
    expect(item).toMatchObject({ state: 'delivered', attempts: 1, finished_at: '2026-11-24T12:00:00.500Z' })
    expect(item).not.toHaveProperty('GSI1PK')
    expect(await drain(addMs(now, HOUR))).toBe(0)
  })

  test.each([
    [500, 'Webhook returned 500'],
    [404, 'Webhook returned 404'],
    [302, 'Webhook returned 302'],
    ['break', 'The connection was closed before an answer came'],
  ] as const)('L24: that answers %s has not taken it; its words are stored nowhere', async (answer, error) => {
    await outbox.activate()
    outbox.sink.answer = answer
    const { id } = await outbox.write(now)
    await drain()
    expect(await outbox.read(id)).toMatchObject({ state: 'pending', attempts: 1, last_error: error })
    const [attempt] = await outbox.attempts()
    expect(attempt).toMatchObject({
      event_id: id,
      error_message: error,
      destination_value: `${new URL(outbox.sink.url).origin}/…`,
    })
    expect(JSON.stringify([await outbox.read(id), attempt, outbox.logged])).not.toMatch(/not for the log|secret-path/)
  })
})

describe('a topic and a bus', () => {
  test('O23: a topic gets the payload, and a subject of a hundred signs that SNS takes', async () => {
    await outbox.activate({ type: 'sns', value: 'arn:aws:sns:eu-west-1:123456789012:budgets', sealed: null })
    const event = await outbox.write(now, { userEmail: `zoë-${'ü'.repeat(200)}@example.com` })
    expect(await drain()).toBe(1)
    const [message] = outbox.sns.published()
    expect(message).toMatchObject({
      topicArn: 'arn:aws:sns:eu-west-1:123456789012:budgets',
      region: 'eu-west-1',
      attributes: { delivery: event.id },
    })
    expect(message?.subject).toMatch(/^budget_warning for zo\?-\?+$/)
    expect(message?.subject).toHaveLength(99)
    expect(message?.message).toContain('\n  "source": "ccag",\n')
    expect(JSON.parse(message?.message ?? '')).toMatchObject({ event_type: 'budget_warning', team_name: 'Compilers' })
  })

  test('a topic that keeps an order is told which, and drops what it has had', async () => {
    await outbox.activate({
      type: 'sns',
      value: 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:budgets.fifo',
      sealed: null,
    })
    await outbox.write(now)
    expect(await drain()).toBe(1)
    expect(outbox.sns.published()[0]).toMatchObject({ groupId: 'budget', region: 'us-gov-west-1' })
  })

  test('O17: a bus gets the event with its type outside, and the rest inside', async () => {
    await outbox.activate({
      type: 'eventbridge',
      value: 'arn:aws-cn:events:cn-north-1:123456789012:event-bus/b',
      sealed: null,
    })
    await outbox.write(now)
    expect(await drain()).toBe(1)
    const [event] = outbox.eventBridge.events()
    expect(event).toMatchObject({
      bus: 'arn:aws-cn:events:cn-north-1:123456789012:event-bus/b',
      source: 'ccag.notifications',
      detailType: 'budget_warning',
      time: now / 1000,
    })
    expect(Object.keys(event?.detail as object).sort()).toEqual(
      ['category', 'detail', 'severity', 'team_id', 'team_name', 'user_identity', 'version'].sort(),
    )
  })

  test('O18: a refusal of AWS is a failure, and so is an entry that failed inside a good answer', async () => {
    await outbox.activate({ type: 'sns', value: 'arn:aws:sns:us-east-1:123456789012:budgets', sealed: null })
    outbox.sns.refuse({ status: 403, code: 'AuthorizationError', message: 'not authorized to perform: SNS:Publish' })
    const { id } = await outbox.write(now)
    await drain()
    expect((await outbox.read(id)).last_error).toMatch(/^AuthorizationError.*: not authorized to perform: SNS:Publish$/)
    await outbox.activate({
      type: 'eventbridge',
      value: 'arn:aws:events:us-east-1:123456789012:event-bus/b',
      sealed: null,
    })
    outbox.eventBridge.fail({ entries: { code: 'InternalFailure', message: 'try again' } })
    await drain(addMs(now, MINUTE))
    expect(await outbox.read(id)).toMatchObject({
      state: 'pending',
      attempts: 2,
      last_error: 'EventBridge refused the event: InternalFailure try again',
    })
  })
})

describe('who is told, and of what', () => {
  test('without a destination events are recorded and dropped, and one that comes later is not told of them', async () => {
    const ids = await many(3)
    expect(await drain()).toBe(3)
    expect(await statesOf(ids)).toEqual(['dropped', 'dropped', 'dropped'])
    expect(await outbox.read(ids[0] ?? '')).toMatchObject({ drop_reason: 'no destination' })
    await outbox.activate()
    await drain(addMs(now, HOUR))
    expect(outbox.sink.received).toEqual([])
    // It is not what an alarm is for.
    expect(outbox.logged.join('\n')).not.toContain('NotificationsGivenUp')
  })

  test('a category that is off is dropped, whatever else is told', async () => {
    await outbox.activate({ categories: ['rate_limit'] })
    const budget = await outbox.write(now)
    const rate = await outbox.write(now, {
      id: 'rate.key.1',
      type: 'rate_limit',
      keyId: 'k1',
      keyName: 'ci',
      detail: { limit: 'requests_per_minute', allowed: 60 },
    })
    expect(await drain()).toBe(2)
    expect(await outbox.read(budget.id)).toMatchObject({ state: 'dropped', drop_reason: 'category off' })
    expect(deliveries()).toEqual([rate.id])
    expect(JSON.parse(outbox.sink.received[0]?.body ?? '')).toMatchObject({
      category: 'rate_limit',
      event_type: 'rate_limit_hit',
      severity: 'warning',
      detail: { threshold_percent: null, spend_usd: null, limit: 'requests_per_minute', allowed: 60, key_name: 'ci' },
    })
  })

  test('O15, L12: the longest waiting comes first; telling one leaves the other', async () => {
    await outbox.activate()
    const ids = await many(20)
    for (const shard of [0, 1, 2, 3]) {
      const due = await outbox.tools.outbox.dueOf(shard, now, 100)
      expect(due.map(({ dueAt }) => dueAt)).toEqual(due.map(({ dueAt }) => dueAt).sort((one, other) => one - other))
    }
    const [first = '', ...others] = ids
    outbox.sink.answer = ({ delivery }) => (delivery === first ? 200 : 500)
    await drain()
    expect((await statesOf(ids)).filter((state) => state === 'delivered').length).toBeLessThanOrEqual(1)
    expect(new Set(await statesOf(others))).toEqual(new Set(['pending']))
  })

  test('what is not due yet stays', async () => {
    await outbox.activate()
    const { id } = await outbox.write(addMs(now, 1))
    expect(await drain()).toBe(0)
    expect(await drain(addMs(now, 1))).toBe(1)
    expect(await statesOf([id])).toEqual(['delivered'])
  })
})

describe('once', () => {
  test('O19, L29: ten drains at once tell each event once', async () => {
    await outbox.activate()
    const ids = await many(12)
    const finished = await Promise.all(Array.from({ length: 10 }, () => drain()))
    expect(finished.reduce((sum, one) => sum + one, 0)).toBe(12)
    expect(deliveries().sort()).toEqual(ids.sort())
    expect(await outbox.attempts()).toHaveLength(12)
  })

  test('one that died while it told is followed by another when the lease ends, under the same delivery id', async () => {
    await outbox.activate()
    const { id } = await outbox.write(now)
    const [waiting] = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.tools.outbox.dueOf(shard, now, 10)))).flat()
    if (waiting === undefined) throw new Error('nothing is due')
    expect(await outbox.tools.outbox.lease(waiting, now, addMs(now, 2 * MINUTE))).toMatchObject({ id, attempts: 1 })
    expect(await statesOf([id])).toEqual(['leased'])
    expect([await drain(), await drain(addMs(now, MINUTE))]).toEqual([0, 0])
    expect(await drain(addMs(now, 2 * MINUTE))).toBe(1)
    expect(deliveries()).toEqual([id])
    expect(await outbox.read(id)).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  test('a lease that has ended leaves the last word to whoever took the event up since', async () => {
    await outbox.activate()
    await outbox.write(now)
    const [waiting] = (await Promise.all([0, 1, 2, 3].map((shard) => outbox.tools.outbox.dueOf(shard, now, 10)))).flat()
    const first = waiting && (await outbox.tools.outbox.lease(waiting, now, addMs(now, 2 * MINUTE)))
    if (waiting === undefined || first === undefined) throw new Error('nothing is due')
    await drain(addMs(now, 2 * MINUTE))
    expect(await outbox.tools.outbox.finish(first, { state: 'dead', error: 'late' }, now)).toBe(false)
    expect(await statesOf([first.id])).toEqual(['delivered'])
  })
})

describe('what fails', () => {
  /** When the event is due the next time; `undefined` once it is finished. */
  const dueAt = async (id: string): Promise<Instant | undefined> => {
    const { state, GSI1SK } = await outbox.read(id)
    return state === 'pending' ? instant(Date.parse(String(GSI1SK).split('#')[0] ?? '')) : undefined
  }

  test('O20: is tried later and later, and is given up after three days', async () => {
    await outbox.activate()
    outbox.sink.answer = 500
    const { id } = await outbox.write(now)
    const tried: Instant[] = []
    for (let due = await dueAt(id); due !== undefined; due = await dueAt(id)) {
      // Once three have failed the destination itself is asked less often, which is never later than an hour.
      const before = outbox.sink.received.length
      await drain(due)
      if (outbox.sink.received.length > before) tried.push(due)
      else await outbox.tools.circuits.save((await outbox.tools.active.load())?.id ?? '', HEALTHY, due)
    }
    const minutes = tried.slice(1).map((at, place) => (at - (tried[place] ?? at)) / MINUTE)
    // Three quarters of 30 s, 1, 2, 4, 8, 16, 32 and 60 minutes, as the told chance has it.
    expect(minutes.slice(0, 9)).toEqual([0.375, 0.75, 1.5, 3, 6, 12, 24, 45, 45])
    expect(minutes.slice(9).every((gap) => gap === 45)).toBe(true)
    const [last = now] = tried.slice(-1)
    expect(last - now).toBeGreaterThan(71 * HOUR)
    expect(last - now).toBeLessThan(73 * HOUR)
    expect(await outbox.read(id)).toMatchObject({
      state: 'dead',
      attempts: tried.length,
      last_error: 'Webhook returned 500',
      GSI1PK: 'OUTBOX#DEAD',
    })
    expect(outbox.logged.filter((line) => line.includes('"NotificationsGivenUp":1'))).toHaveLength(1)
    expect(await drain(addMs(last, 100 * HOUR))).toBe(0)
  }, 60_000)

  test('O20: while one event fails again and again, the others are told at once', async () => {
    await outbox.activate()
    const poison = await outbox.write(now)
    outbox.sink.answer = ({ delivery }) => (delivery === poison.id ? 500 : 200)
    for (let minute = 0; minute < 30; minute++) {
      const at = addMs(now, minute * MINUTE)
      const { id } = await outbox.write(at)
      await drain(at)
      expect([minute, ...(await statesOf([id, poison.id]))]).toEqual([minute, 'delivered', 'pending'])
    }
  })

  test.each([400, 413, 415, 422])(
    'O20: however many events a webhook answers with %i, each is tried by itself, and the others are told at once',
    async (status) => {
      await outbox.activate()
      const poison = await many(5)
      outbox.sink.answer = ({ delivery }) => (poison.includes(delivery) ? status : 200)
      for (let minute = 0; minute < 5; minute++) {
        const at = addMs(now, minute * MINUTE)
        await drain(at)
        const { id } = await outbox.write(at)
        await drain(at)
        expect([minute, ...(await statesOf([id, ...poison]))]).toEqual([
          minute,
          'delivered',
          ...poison.map(() => 'pending'),
        ])
      }
      // At 0, 1, 2 and 4 minutes: 23, 45 and 90 seconds have passed by then.
      const tries = poison.map((id) => deliveries().filter((delivery) => delivery === id).length)
      expect(tries).toEqual(poison.map(() => 4))
    },
  )

  test.each([
    ['sns', 'arn:aws:sns:us-east-1:123456789012:budgets', 'InvalidParameter'],
    ['sns', 'arn:aws:sns:us-east-1:123456789012:budgets', 'ParameterValueInvalid'],
    ['sns', 'arn:aws:sns:us-east-1:123456789012:budgets', 'ValidationException'],
    ['eventbridge', 'arn:aws:events:us-east-1:123456789012:event-bus/b', 'InvalidArgument'],
    ['eventbridge', 'arn:aws:events:us-east-1:123456789012:event-bus/b', 'MalformedDetail'],
  ] as const)('O20: nor does %s %s hold up the others by what it rejects with %s', async (type, value, code) => {
    const { id: destination } = await outbox.activate({ type, value, sealed: null })
    outbox.sns.refuse({ status: 400, code, message: 'not this one' })
    outbox.eventBridge.fail({ entries: { code, message: 'not this one' } })
    const ids = await many(5)
    await drain()
    expect(new Set(await statesOf(ids))).toEqual(new Set(['pending']))
    expect(await outbox.tools.circuits.load(destination)).toEqual(HEALTHY)
    outbox.sns.refuse({ status: 403, code: 'AuthorizationError', message: 'nobody at all' })
    outbox.eventBridge.fail('denied')
    await drain(addMs(now, MINUTE))
    expect(await outbox.tools.circuits.load(destination)).not.toMatchObject({ probeAt: null })
  })

  test('an item that cannot be read is given up at once, and the others are told', async () => {
    await outbox.activate()
    const broken = 'budget.user.broken'
    await outbox.put({
      ...eventKey(broken),
      id: broken,
      state: 'pending',
      attempts: 0,
      GSI1PK: outboxPartition(0),
      GSI1SK: timeSortKey(addMs(now, -5000), broken),
    })
    const ids = await many(2)
    expect(await drain()).toBe(3)
    expect(await outbox.read(broken)).toMatchObject({ state: 'dead', last_error: 'The event cannot be read' })
    expect(await statesOf(ids)).toEqual(['delivered', 'delivered'])
  })

  test('a run begins nothing new when its time is over; what is left is told by the next one', async () => {
    await outbox.activate()
    await many(30)
    let elapsed = 0
    const tools = { ...outbox.tools, elapsedMs: () => elapsed }
    outbox.sink.answer = () => {
      elapsed += 5_000
      return 200
    }
    const told = await drainDue(now, tools)
    expect(told).toBeGreaterThanOrEqual(8)
    expect(told).toBeLessThan(15)
    expect(await drain(addMs(now, MINUTE))).toBe(30 - told)
  })
})

describe('a destination that is down', () => {
  /** Each minute, as the schedule does, or every few. @returns what came to the sink, run by run. */
  async function minutes(from: Instant, count: number, step = 1): Promise<number[]> {
    const came: number[] = []
    for (let minute = 0; minute < count; minute += step) {
      const before = outbox.sink.received.length
      await drain(addMs(from, minute * MINUTE))
      came.push(outbox.sink.received.length - before)
    }
    return came
  }

  test('for a day loses nothing, is asked now and then, and is not flooded when it returns', async () => {
    await outbox.activate()
    outbox.sink.answer = 503
    const ids = await many(130)
    // After an hour it is asked every ten minutes; in between nothing happens.
    const during = [...(await minutes(now, 60)), ...(await minutes(addMs(now, HOUR), 23 * 60, 10))]
    // Some 150 in a day, where each event by itself would have been thirty tries.
    expect(during.reduce((sum, one) => sum + one, 0)).toBeLessThan(200)
    expect(Math.max(...during.slice(2))).toBe(1)
    expect((await statesOf(ids)).every((state) => state === 'pending')).toBe(true)

    outbox.sink.answer = 200
    outbox.sink.received.splice(0)
    const back = await minutes(addMs(now, 24 * HOUR), 65)
    const begun = back.findIndex((one) => one > 0)
    expect(begun).toBeLessThanOrEqual(10)
    expect(back.slice(begun, begun + 7)).toEqual([1, 2, 4, 8, 16, 32, 64])
    expect(Math.max(...back)).toBeLessThanOrEqual(100)
    expect(new Set(await statesOf(ids))).toEqual(new Set(['delivered']))
    expect(deliveries().sort()).toEqual(ids.sort())
  }, 180_000)

  test('for longer than events are tried has them given up, the ones that were never tried as well', async () => {
    await outbox.activate()
    outbox.sink.answer = 'break'
    const ids = await many(20)
    await minutes(now, 10)
    expect(new Set(await statesOf(ids))).toEqual(new Set(['pending']))
    await minutes(addMs(now, 73 * HOUR), 15)
    expect(new Set(await statesOf(ids))).toEqual(new Set(['dead']))
    expect(outbox.logged.filter((line) => line.includes('"NotificationsGivenUp":1'))).toHaveLength(20)
  }, 60_000)

  test('that fails again while it catches up gets one at a time again', async () => {
    await outbox.activate()
    outbox.sink.answer = 500
    await many(60)
    await minutes(now, 5)
    outbox.sink.answer = 200
    const back = await minutes(addMs(now, HOUR), 3)
    expect(back).toEqual([1, 2, 4])
    outbox.sink.answer = 500
    expect((await minutes(addMs(now, HOUR + 3 * MINUTE), 6)).slice(1).every((one) => one <= 1)).toBe(true)
  })

  test('is asked with the first event that it is to be told; those of a category that is off cost it no turn', async () => {
    const { id: destination } = await outbox.activate({ categories: ['budget'] })
    await outbox.tools.circuits.save(destination, { ...HEALTHY, failures: 7, probeAt: now }, now)
    const off: string[] = []
    for (let place = 1; place <= 6; place++) {
      const rate = { type: 'rate_limit', detail: { limit: 'requests_per_minute', allowed: 60 } } as const
      off.push((await outbox.write(addMs(now, -place * HOUR), { ...rate, id: `rate.user.${place}` })).id)
    }
    const [first, second] = [await outbox.write(addMs(now, -MINUTE)), await outbox.write(now)]
    expect(await drain()).toBe(7)
    expect(deliveries()).toEqual([first.id])
    expect(await statesOf([...off, first.id, second.id])).toEqual([...off.map(() => 'dropped'), 'delivered', 'pending'])
    expect(await outbox.tools.circuits.load(destination)).toMatchObject({ probeAt: null, portion: 2 })
  })

  test('is not told of what is new from the stream, which would be past its portion', async () => {
    await outbox.activate()
    outbox.sink.answer = 500
    await many(10)
    await minutes(now, 3)
    const before = outbox.sink.received.length
    const at = addMs(now, 3 * MINUTE)
    const { id } = await outbox.write(at)
    expect(await drainChanges([await changeOf('1', id)], at, outbox.tools)).toBeUndefined()
    expect(outbox.sink.received).toHaveLength(before)
    expect(await statesOf([id])).toEqual(['pending'])
  })
})

/** As the table's stream tells of an item. */
async function changeOf(sequenceNumber: string, id: string) {
  const texts = Object.entries(await outbox.read(id)).filter(([, value]) => typeof value === 'string')
  return streamed(sequenceNumber, Object.fromEntries(texts) as Record<string, string>)
}
const streamed = (sequenceNumber: string, image: Record<string, string>) => ({
  sequenceNumber,
  eventName: 'MODIFY',
  dynamodb: { NewImage: Object.fromEntries(Object.entries(image).map(([name, S]) => [name, { S }])) },
})

describe('the stream', () => {
  test('has what is new told at once; audit entries, attempts and what was given up are passed over', async () => {
    await outbox.activate()
    const { id } = await outbox.write(now)
    const later = await outbox.write(addMs(now, 10_000))
    const changes = [
      streamed('1', { PK: 'AUDIT#2026-11', SK: 'x', id: 'audit' }),
      await changeOf('2', id),
      streamed('3', { ...eventKey(id), SK: 'TRY#x', attempt_id: 'a' }),
      streamed('4', { ...eventKey('gone'), id: 'gone', state: 'dead', GSI1SK: timeSortKey(now, 'gone') }),
      await changeOf('5', later.id),
      { sequenceNumber: '6', eventName: 'REMOVE', dynamodb: {} },
    ]
    expect(await drainChanges(changes, now, outbox.tools)).toBeUndefined()
    expect(await statesOf([id, later.id])).toEqual(['delivered', 'pending'])
    // Lambda may show the same changes twice.
    expect(await drainChanges(changes, now, outbox.tools)).toBeUndefined()
    expect(deliveries()).toEqual([id])
  })

  test('is shown again from the first change that could not be read; the others are told all the same', async () => {
    await outbox.activate()
    const [before, after] = [await outbox.write(now), await outbox.write(now)]
    const changes = [
      await changeOf('1', before.id),
      streamed('2', { ...eventKey('broken'), id: 'broken', GSI1SK: 'no time' }),
      await changeOf('3', after.id),
    ]
    expect(await drainChanges(changes, now, outbox.tools)).toBe('2')
    expect(await statesOf([before.id, after.id])).toEqual(['delivered', 'delivered'])
  })

  test('is shown again from the first event that the database did not take', async () => {
    await outbox.activate()
    const events = [await outbox.write(now), await outbox.write(now), await outbox.write(now)]
    const changes = await Promise.all(events.map(({ id }, place) => changeOf(String(98 + place), id)))
    const refused = events[1]?.id
    const tools = {
      ...outbox.tools,
      outbox: {
        ...outbox.tools.outbox,
        lease: (...asked: Parameters<typeof outbox.tools.outbox.lease>) =>
          asked[0].id === refused ? Promise.reject(new Error('no answer')) : outbox.tools.outbox.lease(...asked),
      },
    }
    expect(await drainChanges(changes, now, tools)).toBe('99')
    expect(await statesOf(events.map(({ id }) => id))).toEqual(['delivered', 'pending', 'delivered'])
  })
})

test('how long the oldest has waited is told, for the alarm', async () => {
  await outbox.activate()
  await outbox.write(addMs(now, -90_000))
  await drain()
  expect(outbox.logged.join('\n')).toContain('"OldestPendingSeconds":90')
  expect(isoOf(now)).toBe('2026-11-24T12:00:00.500Z')
})
