/** `/admin/pricing` */
import type * as z from 'zod'
import * as contract from '../../contract/pricing.ts'
import { type Operation, operation } from '../http/operation.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { cappedUsd, usdOf } from '../platform/money.ts'
import {
  listAllPrices,
  listUsualPrices,
  type PriceTools,
  resetPrice,
  type ShownPrice,
  setPrice,
} from './manage-prices.flow.ts'
import type { HeldBack, PriceChange } from './plan-refresh.ts'
import type { LongPrompt, Rates } from './price.ts'
import { ratesOfUsd } from './price.ts'
import { type RefreshReport, type RefreshTools, refreshPrices } from './refresh-prices.flow.ts'
import { UNPRICED_DAYS, type UnpricedTools, unpricedModels } from './unpriced-models.flow.ts'

export type PricingTools = PriceTools & RefreshTools & UnpricedTools

export const pricingOperations = (tools: PricingTools): readonly Operation[] => [
  operation(contract.listPricing)(async ({ query, at }) => {
    const shown = query.all === 'true' ? await listAllPrices(at, tools) : await listUsualPrices(at, tools)
    return { status: 200, body: shown.map(priceRow) }
  }),
  operation(contract.readRefresh)(async () => ({ status: 200, body: await lastRefresh(tools) })),
  operation(contract.refreshPricing)(async ({ query, caller, at, requestId }) => {
    const dryRun = query.dry_run === 'true'
    const report = await refreshPrices({ at, requestId, actor: caller, dryRun }, tools)
    return { status: 200, body: { ...reportRow(report), dry_run: dryRun } }
  }),
  operation(contract.listUnpriced)(async ({ at }) => {
    const models = (await unpricedModels(at, tools)).map(({ model, requests, tokens, charged, lastHour }) => ({
      model,
      requests,
      tokens,
      charged_usd: usdOf(cappedUsd(charged), 9),
      last_seen: isoOf(instant(Date.parse(`${lastHour}:00:00Z`))),
    }))
    return { status: 200, body: { days: UNPRICED_DAYS, models } }
  }),
  operation(contract.setPrice)(async ({ params, body, ...request }) => {
    const { scope = 'global', tier = 'default', effective_from: from, aws_sku: sku } = body
    const longPrompt = body.long_prompt ?? null
    const wish = {
      scope,
      tier,
      from,
      rates: ratesOf(body),
      ...(longPrompt && { longPrompt: { aboveTokens: longPrompt.above_tokens, rates: ratesOf(longPrompt) } }),
      awsSku: sku === '' ? null : (sku ?? null),
    }
    return { status: 200, body: priceRow(await setPrice(params.model, wish, request, tools)) }
  }),
  operation(contract.resetPrice)(async ({ params, query: { scope, tier }, ...request }) =>
    (await resetPrice(params.model, { scope, tier }, request, tools))
      ? { status: 200, body: { deleted: true } }
      : { status: 404, body: { deleted: false, error: 'not found' } },
  ),
]

interface WrittenRates {
  readonly input_rate: number
  readonly output_rate: number
  readonly cache_read_rate: number
  readonly cache_write_rate: number
  readonly cache_write_1h_rate?: number | undefined
}

/** A cache write for an hour costs twice the input with every model. Source: Anthropic, "Prompt caching", pricing. */
const ratesOf = (usd: WrittenRates): Rates =>
  ratesOfUsd(
    usd.input_rate,
    usd.output_rate,
    usd.cache_read_rate,
    usd.cache_write_rate,
    usd.cache_write_1h_rate ?? 2 * usd.input_rate,
  )

const inUsd = (nano: number): number => nano / 1e9

const ratesRow = (rates: Rates) => ({
  input_rate: inUsd(rates.input),
  output_rate: inUsd(rates.output),
  cache_read_rate: inUsd(rates.cacheRead),
  cache_write_rate: inUsd(rates.cacheWrite5m),
  cache_write_1h_rate: inUsd(rates.cacheWrite1h),
})

const longPromptRow = (long: LongPrompt | undefined) =>
  long === undefined ? null : { above_tokens: long.aboveTokens, ...ratesRow(long.rates) }

const priceRow = ({ price, inForce, overriddenBy }: ShownPrice) => ({
  model_prefix: price.model,
  ...ratesRow(price.rates),
  source: price.source,
  aws_sku: price.awsSku,
  // What came with the release was never written; its day is what is known of it.
  updated_at: price.updatedAt ?? `${price.from}T00:00:00.000Z`,
  updated_by: price.updatedBy,
  scope: price.scope,
  tier: price.tier,
  effective_from: price.from,
  long_prompt: longPromptRow(price.longPrompt),
  in_force: inForce,
  overridden_by: overriddenBy,
  derived: price.derivedFrom !== undefined,
})

type Report = Omit<z.input<(typeof contract.refreshPricing)['responses'][200]>, 'dry_run'>

const reportRow = (report: RefreshReport): Report => ({
  inserted: report.inserted,
  updated: report.updated,
  unchanged: report.unchanged,
  skipped_manual: report.skippedManual,
  errors: [...report.errors],
  failed: report.failed,
  region: report.region,
  other_models: report.otherModels,
  changes: [...report.changes, ...report.heldBack.map((one) => ({ ...one, kind: 'held_back' as const }))].map(
    changeRow,
  ),
})

const changeRow = ({
  kind,
  before,
  after,
}: HeldBack & { readonly kind: PriceChange['kind'] | 'held_back' }): Report['changes'][number] => ({
  model: after.model,
  scope: after.scope,
  tier: after.tier,
  kind,
  before:
    before === undefined
      ? null
      : { ...ratesRow(before.rates), source: before.source, long_prompt: longPromptRow(before.longPrompt) },
  after: { ...ratesRow(after.rates), long_prompt: longPromptRow(after.longPrompt) },
})

async function lastRefresh({
  writes,
}: PricingTools): Promise<z.input<(typeof contract.readRefresh)['responses'][200]>> {
  const last = await writes.lastRefresh()
  if (last === undefined) return { last: null, next_at: null }
  const { at, nextAt, by, failed, region, inserted, updated, unchanged, skippedManual, errors } = last
  return {
    last: {
      at: isoOf(at),
      by,
      failed,
      region,
      inserted,
      updated,
      unchanged,
      skipped_manual: skippedManual,
      errors: [...errors],
    },
    next_at: nextAt === null ? null : isoOf(nextAt),
  }
}
