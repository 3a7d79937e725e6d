/** The gateway's ledger held against Bedrock's own tally. */
import { expect } from 'vitest'
import { instant } from '../../lambdas/platform/instant.ts'
import { costOf } from '../../lambdas/pricing/cost.ts'
import { priceBookOf } from '../../lambdas/pricing/price-book.ts'
import type { UpstreamCall } from '../../local/bedrock/tally.ts'
import type { Deployed } from './deployed.ts'

type Item = Record<string, unknown>

const TOKENS = {
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  cache_read_tokens: 'cacheReadTokens',
  cache_write_5m_tokens: 'cacheWrite5mTokens',
  cache_write_1h_tokens: 'cacheWrite1hTokens',
} as const

const sum = (items: readonly Item[], attribute: string): number =>
  items.reduce((total, item) => total + Number(item[attribute] ?? 0), 0)

/** What every attribute of the rows adds up to must stand in the aggregates and the counters, and in Bedrock's books. */
export async function expectBooksToAgree(
  gateway: Deployed,
  calls: readonly UpstreamCall[] = gateway.bedrock?.tally() ?? [],
): Promise<void> {
  await gateway.settled()
  const rows = (await gateway.items('usage', 'REQ#')).filter((row) => row.status !== 'refused')
  const aggregates = await gateway.items('usage', 'AGG#')
  const users = await gateway.items('usage', 'SPEND#USER#')
  expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length)
  expect(sum(aggregates, 'requests')).toBe(rows.length)
  for (const attribute of [...Object.keys(TOKENS), 'cost_nano', 'saved_nano', 'duration_ms']) {
    expect([attribute, sum(aggregates, attribute)]).toEqual([attribute, sum(rows, attribute)])
  }
  expect(sum(users, 'm_cost')).toBe(
    sum(
      rows.filter((row) => row.user_id !== null),
      'cost_nano',
    ),
  )
  expect(sum(users, 'm_requests')).toBe(rows.filter((row) => row.user_id !== null).length)
  for (const user of users) {
    const days = Object.entries(user).filter(([name]) => /^d\d\d_cost$/.test(name))
    expect(days.reduce((total, [, cost]) => total + Number(cost), 0)).toBe(user.m_cost)
  }
  for (const row of rows) expect(row.cost_nano).toBe(costOfRow(row))
  const billed = calls.filter((call) => !call.operation.endsWith('count-tokens'))
  expect(rows).toHaveLength(billed.length)
  expectTokensToAgree(rows, billed)
}

/** An estimate stands for one call that nobody could read to its end; every other row is its call's, to the token. */
function expectTokensToAgree(rows: readonly Item[], calls: readonly UpstreamCall[]): void {
  const exact = rows.filter((row) => row.estimated !== true)
  for (const row of exact) {
    const call = calls.find(({ id }) => id === row.message_id)
    const told = Object.keys(TOKENS).map((attribute) => [attribute, row[attribute]])
    expect(told).toEqual(Object.entries(TOKENS).map(([attribute, member]) => [attribute, call?.usage[member] ?? 0]))
  }
  const answered = exact.map((row) => row.message_id).filter((id) => id !== null)
  expect(new Set(answered).size).toBe(answered.length)
  const unread = calls.filter(({ id, outcome }) => outcome === 'completed' && !answered.includes(id))
  expect(unread.length).toBeLessThanOrEqual(rows.length - exact.length)
}

function costOfRow(row: Item): number {
  const [model = '', scope = ''] = String(row.price).split('#')
  const at = instant(Date.parse(String(row.arrived_at)))
  const price = priceBookOf([]).priceOf(model, scope as 'global', row.service_tier as string | null, at)
  const usage = Object.fromEntries(
    Object.entries(TOKENS).map(([attribute, member]) => [member, Number(row[attribute])]),
  )
  return costOf(usage as never, price).cost
}
