/** Prices as they are deployed: from AWS's list each day, by an administrator at once, and into the very next bill. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let key: string
beforeAll(async () => {
  gateway = await deploy()
  key = (await gateway.makeKey({ name: 'Prices' })).key
})
afterEach(() => gateway.priceLists?.clear())
afterAll(() => gateway?.stop())

type Item = Record<string, unknown>

/** What one more request costs, as its row tells. */
async function bill(model = 'claude-opus-5-5'): Promise<Item> {
  const before = new Set((await gateway.items('usage', 'REQ#')).map((row) => row.request_id))
  await (await ask(gateway.messagesUrl, { key, model })).text()
  await gateway.settled()
  const row = (await gateway.items('usage', 'REQ#')).find((one) => !before.has(one.request_id))
  if (row === undefined) throw new Error('the request has left no row')
  return row
}
const costBy = (row: Item, input: number, output: number) =>
  (Number(row.input_tokens) * input + Number(row.output_tokens) * output) * 1000

const FOUR = { input_rate: 1, output_rate: 2, cache_read_rate: 0.1, cache_write_rate: 1.25 }
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and says what it expects.
const json = async (method: string, path: string, body?: object): Promise<any> =>
  (await gateway.admin(method, path, body)).json()

test('a day’s run has taken AWS’s prices over, with a line for its audit, and requests are billed by them', async () => {
  const rows = await gateway.items('core', 'PRICE')
  expect(rows.filter(({ source }) => source === 'price_list_api').length).toBe(32)
  const audits = (await gateway.items('events', 'AUDIT#')).filter(({ action }) => String(action).startsWith('prices.'))
  expect(audits.map(({ action, actor_email }) => [action, actor_email]).sort()).toEqual([
    ['prices.refreshed', 'daily refresh'],
    ['prices.seeded', 'daily refresh'],
  ])
  const row = await bill()
  expect(row.price).toMatch(/^claude-opus-5-5#global#default#\d{4}-\d\d-\d\d#price_list_api$/)
  expect(row.cost_nano).toBe(costBy(row, 4, 20))
})

test('an administrator’s price is in the very next bill, and AWS’s in the one after it was taken back', async () => {
  await json('PUT', '/admin/pricing/claude-opus-5-5', FOUR)
  const dear = await bill()
  expect([dear.price, dear.cost_nano]).toEqual([expect.stringMatching(/#admin_manual$/), costBy(dear, 1, 2)])
  expect(await json('DELETE', '/admin/pricing/claude-opus-5-5')).toEqual({ deleted: true })
  const after = await bill()
  expect(after.cost_nano).toBe(costBy(after, 4, 20))
  // What was billed stays as it was.
  const rows = await gateway.items('usage', 'REQ#')
  expect(rows.find(({ request_id }) => request_id === dear.request_id)?.cost_nano).toBe(dear.cost_nano)
})

test('what AWS changes is billed after the next run; a run that changes nothing writes nothing', async () => {
  gateway.priceLists?.price('Claude Opus 5.5', { input: 3, output: 15 })
  await gateway.tick('prices')
  const row = await bill()
  expect(row.cost_nano).toBe(costBy(row, 3, 15))
  const stamp = async () => (await gateway.items('core', 'VERSION'))[0]?.prices
  const before = await stamp()
  await gateway.tick('prices')
  expect(await stamp()).toBe(before)
})

test('a model without a price is dear, and told to the administrator until it has one', async () => {
  const row = await bill('claude-riddle-9')
  expect([row.price, row.cost_nano]).toEqual(['unpriced', costBy(row, 5, 25)])
  const unpriced = await json('GET', '/admin/pricing/unpriced')
  expect(unpriced.models).toEqual([expect.objectContaining({ model: 'claude-riddle-9', requests: 1 })])
  await json('PUT', '/admin/pricing/claude-riddle-9', FOUR)
  expect((await json('GET', '/admin/pricing/unpriced')).models).toEqual([])
})

test('a list that cannot be read changes nothing, and is told by the figure that its alarm reads', async () => {
  gateway.priceLists?.deny()
  const from = gateway.logged.length
  await gateway.tick('prices')
  const told = () => gateway.logged.slice(from).filter((line) => line.includes('"PriceRefreshFailures":1'))
  await expect.poll(told).toHaveLength(1)
  expect(told()[0]).toContain('pricing:ListPriceLists')
  const { last, next_at } = await json('GET', '/admin/pricing/refresh')
  expect(last).toMatchObject({ failed: true, by: 'daily refresh', errors: [expect.stringContaining('AccessDenied')] })
  expect(Date.parse(next_at) - Date.parse(last.at)).toBe(86_400_000)
  expect((await bill('claude-opus-4-7')).cost_nano).toBeGreaterThan(0)
})

test('a price out of all proportion stays out of every bill, and is told by the same figure', async () => {
  gateway.priceLists?.price('Claude Opus 4.7', { input: 5000, output: 25_000 })
  const from = gateway.logged.length
  await gateway.tick('prices')
  const told = () => gateway.logged.slice(from).filter((line) => line.includes('"PriceRefreshFailures":1'))
  await expect.poll(told).toHaveLength(1)
  expect(told()[0]).toContain('claude-opus-4-7 (global, default): held back')
  const row = await bill('claude-opus-4-7')
  expect(row.cost_nano).toBe(costBy(row, 5, 25))
})
