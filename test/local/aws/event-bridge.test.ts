import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EventBridge, startEventBridge } from '../../../local/aws/event-bridge.ts'

const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/gateway'
let bridge: EventBridge
let client: EventBridgeClient
beforeAll(async () => {
  bridge = await startEventBridge()
  client = new EventBridgeClient({
    endpoint: bridge.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  client.destroy()
  await bridge.stop()
})

const ENTRY = { EventBusName: BUS, Source: 'ccag.notifications', DetailType: 'budget_warning', Detail: '{"a":1}' }
const put = (...entries: object[]) => client.send(new PutEventsCommand({ Entries: entries }))

test('what is put can be looked at', async () => {
  const { FailedEntryCount, Entries } = await put({ ...ENTRY, Time: new Date(1_795_521_600_000) })
  expect([FailedEntryCount, Entries?.[0]?.EventId]).toEqual([0, expect.any(String)])
  expect(bridge.events()).toEqual([
    {
      bus: BUS,
      source: 'ccag.notifications',
      detailType: 'budget_warning',
      detail: { a: 1 },
      time: 1_795_521_600,
      region: 'us-east-1',
    },
  ])
})

test('an entry that is wrong fails inside an answer that is well, and the others are taken', async () => {
  const { FailedEntryCount, Entries } = await put(
    { ...ENTRY, Detail: 'no JSON' },
    { ...ENTRY, Source: 'aws.ours' },
    ENTRY,
  )
  expect(FailedEntryCount).toBe(2)
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(['MalformedDetail', 'InvalidArgument', undefined])
})

test('more than ten at once are refused, and so is everything while that is wished for', async () => {
  await expect(put(...Array.from({ length: 11 }, () => ENTRY))).rejects.toMatchObject({ name: 'ValidationException' })
  bridge.fail('denied')
  await expect(put(ENTRY)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  bridge.fail({ entries: { code: 'InternalFailure', message: 'try again' } })
  expect((await put(ENTRY)).FailedEntryCount).toBe(1)
  bridge.fail(null)
  expect((await put(ENTRY)).FailedEntryCount).toBe(0)
})
