/** The price table in Core. Read whole (some dozens of rows) when its stamp moved; never written on the way of a request. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { configStampKey, PRICE_PARTITION, priceKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { readPartition } from '../table/query-all.store.ts'
import type { Price } from './price.ts'

const rate = z.int().check(z.nonnegative())
const Rates = z.object({ input: rate, output: rate, cacheRead: rate, cacheWrite5m: rate, cacheWrite1h: rate })
const PriceItem = z.object({
  model: z.string(),
  scope: z.enum(['global', 'regional']),
  tier: z._default(z.literal('default'), 'default'),
  from: z.string(),
  rates: Rates,
  longPrompt: z.optional(z.object({ aboveTokens: z.int(), rates: Rates })),
  source: z.enum(['seed', 'price_list_api', 'admin_manual']),
})

export interface PriceStore {
  all(): Promise<readonly Price[]>
  /** Puts rows that are not there yet; a row an administrator made is never touched. @returns how many were new. */
  seed(prices: readonly Price[]): Promise<number>
}

export function openPrices(documents: Documents, coreTable: string): PriceStore {
  return { all: () => readAll(documents, coreTable), seed: (prices) => seed(documents, coreTable, prices) }
}

async function readAll(documents: Documents, coreTable: string): Promise<readonly Price[]> {
  const items = await readPartition(documents, coreTable, PRICE_PARTITION, 'eventual')
  return items.map((item) => PriceItem.parse(item))
}

async function seed(documents: Documents, coreTable: string, prices: readonly Price[]): Promise<number> {
  const known = new Set((await readAll(documents, coreTable)).map(sortKeyOf))
  const missing = prices.filter((price) => !known.has(sortKeyOf(price)))
  let added = 0
  for (const price of missing) if (await putIfAbsent(documents, coreTable, price)) added++
  if (added > 0) {
    await documents.send(
      new UpdateCommand({
        TableName: coreTable,
        Key: configStampKey,
        UpdateExpression: 'ADD prices :one',
        ExpressionAttributeValues: { ':one': 1 },
      }),
    )
  }
  return added
}

async function putIfAbsent(documents: Documents, coreTable: string, price: Price): Promise<boolean> {
  try {
    await documents.send(
      new PutCommand({
        TableName: coreTable,
        Item: { ...priceKey(price.model, price.scope, price.tier, price.from), ...price },
        ConditionExpression: 'attribute_not_exists(PK)',
      }),
    )
    return true
  } catch (thrown) {
    if (thrown instanceof ConditionalCheckFailedException) return false
    throw thrown
  }
}

const sortKeyOf = (price: Price): string => priceKey(price.model, price.scope, price.tier, price.from).SK
