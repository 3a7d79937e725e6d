/** Prices from AWS's list: looked at, compared with what is known, written down. It says what it did, and why it could not. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import { readRefusal } from '../endpoints/aws-refusal.ts'
import { addMs, type Instant } from '../platform/instant.ts'
import { type HeldBack, type PriceChange, planRefresh, type RefreshPlan } from './plan-refresh.ts'
import type { KeptPrice, Rates } from './price.ts'
import type { PriceListFile, PriceListSource } from './price-list.client.ts'
import { type PriceList, readPriceList } from './price-list.ts'
import type { PriceWrites } from './price-writes.store.ts'
import type { PriceStore } from './prices.store.ts'

export interface RefreshTools {
  readonly prices: PriceStore
  readonly writes: PriceWrites
  readonly priceList: PriceListSource
  readonly newId: () => string
  /** As many as one transaction takes. */
  readonly mostAtOnce: number
}

/** On whose behalf, and when. */
export interface RefreshOrder {
  readonly at: Instant
  readonly requestId: string
  readonly actor: AuditEntry['actor']
  /** Nothing is written. */
  readonly dryRun: boolean
  /** The schedule asks, and asks again so much later. */
  readonly everyMs?: number
}

export interface RefreshReport extends Omit<RefreshPlan, 'puts'> {
  /** Nothing could be read. */
  readonly failed: boolean
  readonly region: string | null
  readonly otherModels: number
  readonly errors: readonly string[]
}

const NOTHING: RefreshReport = {
  failed: true,
  region: null,
  otherModels: 0,
  changes: [],
  heldBack: [],
  inserted: 0,
  updated: 0,
  unchanged: 0,
  skippedManual: 0,
  errors: [],
}

/** @throws what the database throws; what AWS says or its file lacks is told in the report */
export async function refreshPrices(order: RefreshOrder, tools: RefreshTools): Promise<RefreshReport> {
  const found = await lookUp(order.at, tools)
  if (typeof found === 'string') {
    return keepReport(order, { ...NOTHING, errors: [`refresh_pricing failed: ${found}`] }, tools)
  }
  const { file, list } = found
  const { puts, ...plan } = planRefresh(await tools.prices.all(), list.prices, order.at, order.actor.email)
  if (!order.dryRun) await write(puts, plan.changes, file.region, order, tools)
  const { otherModels } = list
  const errors = [...list.errors, ...plan.heldBack.map(whyHeld)]
  return keepReport(order, { ...plan, failed: false, region: file.region, otherModels, errors }, tools)
}

const WORDS: Readonly<Record<keyof Rates, string>> = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache read',
  cacheWrite5m: 'cache write',
  cacheWrite1h: 'one-hour cache write',
}

/** In dollars, as a price is set. */
function whyHeld({ before, after: { model, scope, tier, rates, longPrompt } }: HeldBack): string {
  const usual = before?.rates ?? rates
  const long = before?.longPrompt?.rates ?? usual
  const told = [...differences(usual, rates), ...differences(long, longPrompt?.rates ?? long, ' of long prompts')]
  return `${model} (${scope}, ${tier}): held back, too far from the price in force: ${told.join(', ')} US dollars per million tokens; if it is right, set it by hand`
}

const differences = (before: Rates, after: Rates, ofWhat = ''): string[] =>
  (Object.keys(WORDS) as (keyof Rates)[])
    .filter((kind) => before[kind] !== after[kind])
    .map((kind) => `${WORDS[kind]}${ofWhat} ${before[kind] / 1e9} → ${after[kind] / 1e9}`)

async function lookUp(
  at: Instant,
  { priceList }: RefreshTools,
): Promise<{ readonly file: PriceListFile; readonly list: PriceList } | string> {
  try {
    const file = await priceList.current(at)
    return { file, list: readPriceList(file.text) }
  } catch (thrown) {
    // What is no refusal of AWS's is our own sentence.
    return readRefusal(thrown).detail.replace(/^Error: /, '')
  }
}

/** Each transaction is whole with its audit entry; that there may be several is no harm, as each price stands for itself. */
async function write(
  puts: readonly KeptPrice[],
  changes: readonly PriceChange[],
  region: string,
  { at, requestId, actor }: RefreshOrder,
  { writes, newId, mostAtOnce }: RefreshTools,
): Promise<void> {
  for (let from = 0; from < puts.length; from += mostAtOnce) {
    const detail = { region, prices: changes.slice(from, from + mostAtOnce).map(inWords) }
    const audit = { id: newId(), at, requestId, actor, action: 'prices.refreshed', target: 'prices', detail }
    await writes.put(puts.slice(from, from + mostAtOnce), audit)
  }
}

/** Old → new, nano-dollars per million tokens. */
const inWords = ({ kind, before, after: { model, scope, tier, rates, longPrompt } }: PriceChange) => ({
  model,
  scope,
  tier,
  kind,
  before: before === undefined ? null : before.rates,
  after: rates,
  long_prompt: longPrompt ?? null,
})

async function keepReport(
  { at, actor, dryRun, everyMs }: RefreshOrder,
  report: RefreshReport,
  { writes }: RefreshTools,
): Promise<RefreshReport> {
  if (dryRun) return report
  const { failed, region, inserted, updated, unchanged, skippedManual, errors } = report
  const nextAt = everyMs === undefined ? ((await writes.lastRefresh())?.nextAt ?? null) : addMs(at, everyMs)
  const counts = { inserted, updated, unchanged, skippedManual }
  await writes.keepRefresh({ at, nextAt, by: actor.email, failed, region, ...counts, errors })
  return report
}
