import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { instant } from '../../../lambdas/platform/instant.ts'
import { openHourPacks } from '../../../lambdas/spend/hour-packs.store.ts'
import { type HourItem, usesIn } from '../../../lambdas/spend/hour-use.ts'
import { packHours } from '../../../lambdas/spend/pack-hours.flow.ts'
import { packPartition } from '../../../lambdas/table/usage-keys.ts'
import { startControl, type TestControl } from '../../support/control.ts'
import { packFrom, packTools, use } from '../../support/org-usage.ts'

const at = (text: string) => instant(Date.parse(text))

let control: TestControl
beforeAll(async () => {
  control = await startControl()
})
afterAll(() => control.stop())

let day = 0
let today: string
beforeEach(() => {
  day += 1
  today = `2026-01-${String(day).padStart(2, '0')}`
})

const packedOn = async () => {
  const { Items = [] } = await control.documents.send(
    new QueryCommand({
      TableName: control.tables.usage,
      KeyConditionExpression: 'PK = :partition',
      ExpressionAttributeValues: { ':partition': packPartition(today) },
    }),
  )
  return Items
}

const wholeDay = () => ({ firstHour: `${today}T00`, lastHour: `${today}T23` })

async function usesOn() {
  const packs = await openHourPacks(control.documents, control.tables.usage).ofDay('AGG', today, wholeDay())
  const opened = await Promise.all([...packs.values()].flat().map((pack) => pack.open()))
  return opened.flatMap(usesIn)
}

test('an hour is packed when the deadlines of its last requests have passed, and stragglers have had their time', async () => {
  await use(control, `${today}T09:59:59.999Z`, { user: 'u' })
  const tools = packTools(control)
  await tools.mark.write(at(`${today}T09:00:00Z`))
  expect(await packHours(at(`${today}T10:30:59Z`), tools)).toBe(0)
  expect(await usesOn()).toEqual([])
  expect(await packHours(at(`${today}T10:31:00Z`), tools)).toBe(1)
  expect(await usesOn()).toMatchObject([{ hour: `${today}T09`, identity: 'u', requests: 1 }])
})

test('it goes on where it stopped, a day of hours at a time', async () => {
  const tools = packTools(control)
  await tools.mark.write(at(`${today}T00:00:00Z`))
  const later = at(`${today}T00:00:00Z`) + 30 * 3_600_000
  expect(await packHours(instant(later), tools)).toBe(24)
  expect(await packHours(instant(later), tools)).toBe(5)
  expect(await packHours(instant(later), tools)).toBe(0)
})

test('the first run of all begins with the last hours, and leaves what was before as it is', async () => {
  const fresh = await startControl()
  expect(await packHours(at('2026-01-10T12:45:00Z'), packTools(fresh))).toBe(2)
  await fresh.stop()
})

test('an hour in which nothing happened is packed too, so that nobody looks for its items again', async () => {
  await packFrom(control, `${today}T00`, at(`${today}T02:00:00Z`))
  expect((await packedOn()).map(({ SK }) => SK)).toEqual(['AGG#00#00', 'TOOLS#00#00'])
})

const item = (identity: string, counts: Record<string, number>): HourItem => ({
  part: { hour: `${today}T09`, identity, model: 'm', endpoint: 'e', team: null },
  counts: new Map(Object.entries(counts)),
})

/** Hardly smaller when it is compressed. */
const noisy = (place: number) =>
  item(`${place}`, Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`t#${Math.sin(place * 997 + n)}`, n + 1])))

test('an hour that is too large for one item lies in several, and is there only when all of them are', async () => {
  const { documents, tables } = control
  const packs = openHourPacks(documents, tables.usage)
  const items = Array.from({ length: 300 }, (_, place) => noisy(place))
  expect(await packs.write('TOOLS', `${today}T09`, items)).toBe(true)
  const written = await packedOn()
  expect(written.length).toBeGreaterThan(1)
  for (const { pack } of written) expect(pack.length).toBeLessThan(400_000)
  const found = (await packs.ofDay('TOOLS', today, wholeDay())).get(`${today}T09`) ?? []
  const opened = await Promise.all(found.map((one) => one.open()))
  expect(opened.flatMap((one) => one.few.map((few) => few.length))).toEqual(items.map(() => 800))
  const [, second] = written
  await documents.send(
    new BatchWriteCommand({
      RequestItems: { [tables.usage]: [{ DeleteRequest: { Key: { PK: second?.PK, SK: second?.SK } } }] },
    }),
  )
  expect(await packs.ofDay('TOOLS', today, wholeDay())).toEqual(new Map())
})

test('what was left of a try that broke off is passed over', async () => {
  const { documents, tables } = control
  const packs = openHourPacks(documents, tables.usage)
  await packs.write(
    'AGG',
    `${today}T09`,
    Array.from({ length: 300 }, (_, place) => noisy(place)),
  )
  await packs.write('AGG', `${today}T09`, [item('u', { requests: 3 })])
  expect(await usesOn()).toMatchObject([{ identity: 'u', requests: 3 }])
  expect((await packedOn()).length).toBeGreaterThan(1)
})

test('an hour of which a single row is too large is left as it is, and told', async () => {
  const packs = openHourPacks(control.documents, control.tables.usage)
  const names = Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`t#${Math.sin(n)}${Math.cos(n)}`, 1]))
  expect(await packs.write('TOOLS', `${today}T09`, [item('u', names)])).toBe(false)
  expect(await packedOn()).toEqual([])
  const logged: string[] = []
  const tools = { ...packTools(control, logged), packs: { write: async () => false } }
  await tools.mark.write(at(`${today}T09:00:00Z`))
  expect(await packHours(at(`${today}T10:40:00Z`), tools)).toBe(1)
  expect(logged.map((line) => JSON.parse(line).message ?? JSON.parse(line).event)).toEqual([
    'hour_not_packed',
    'hour_not_packed',
  ])
})

test('what another version packed otherwise is as good as not there', async () => {
  await use(control, `${today}T09:00:00Z`, { user: 'u' })
  await packFrom(control, `${today}T09`, at(`${today}T11:00:00Z`))
  const [pack] = await packedOn()
  await control.put({ ...pack, format: 2 }, 'usage')
  expect(await usesOn()).toEqual([])
})
