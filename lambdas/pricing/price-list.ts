/**
 * AWS's price list of foundation models, a CSV file, as prices of Claude models.
 *
 * - Before the names of the columns come rows about the file (five, as AWS documents them). The columns are found by their names.
 * - A model is told by `serviceName`: `Claude Opus 4.7 (Amazon Bedrock Edition)`.
 * - What a row prices is told by the last part of `PriceDescription`, and again by `usageType`; both are read, since either may leave
 *   something out. AWS has used several wordings: `Input Tokens - Standard, Global`, `Million Response Tokens Regional CRIS`,
 *   `Cache Write Tokens (1h TTL) - Standard`; `USE1-MP:USE1_InputTokenCount_LCtx_Global-Units`,
 *   `USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units`. So words are read, in whatever order; a row with a word that is not known
 *   here prices something else (batches, reserved capacity, training) and is left out.
 * - A row that says neither Global nor Regional is of the region.
 * - Where two rows price the same and differ, or input or output costs nothing, the file is wrong about that model: it is left out.
 * Source: AWS Billing user guide, "Reading the service price list file for an AWS service"; files of AmazonBedrockFoundationModels.
 */
import { parse } from 'csv-parse/sync'
import type { ServiceTier } from '../endpoints/endpoint.ts'
import { nameOfModel, type PriceScope } from '../models/model-names.ts'
import type { Rates } from './price.ts'
import { SEED_PRICES } from './seed-prices.ts'

export interface ListedPrice {
  readonly model: string
  readonly scope: PriceScope
  readonly tier: ServiceTier
  readonly rates: Rates
  /** Of a long prompt; from how many tokens on, the list does not say. `null` where it has none. */
  readonly long: Rates | null
  /** Of the first row of input tokens. */
  readonly sku: string
}

export interface PriceList {
  readonly prices: readonly ListedPrice[]
  /** Models that are left out although the list has rows of them, each with the reason. */
  readonly errors: readonly string[]
  /** Models of other vendors. */
  readonly otherModels: number
}

/** @throws Error that says what is wrong with the file as a whole */
export function readPriceList(text: string): PriceList {
  const { header, rows } = tableOf(text)
  const models = new Map<string, ListedModel>()
  const others = new Set<string>()
  for (const row of rows) {
    const service = serviceOf(row[header.service] ?? '')
    const model = modelOf(service)
    if (model === null) {
      if (service !== '') others.add(service)
      continue
    }
    const listed = models.get(model) ?? { cells: new Map(), faults: new Set(), sku: new Map() }
    models.set(model, listed)
    readRow(row, header, listed)
  }
  const read = [...models]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([model, listed]) => pricesOf(model, listed))
  const prices = read.flatMap((one) => one.prices)
  const errors = read.flatMap((one) => one.errors)
  if (prices.length === 0) {
    const counts = `${rows.length} rows, ${models.size} Claude models, ${others.size} others`
    throw new Error(
      ['the price list has no complete price of a Claude model', counts, ...errors.slice(0, 3)].join('; '),
    )
  }
  return { prices, errors, otherModels: others.size }
}

interface Header {
  readonly sku: number
  readonly description: number
  readonly unit: number
  readonly price: number
  readonly currency: number
  readonly usage: number
  readonly service: number
  readonly term: number
  readonly startingRange: number
}

function tableOf(text: string): { readonly header: Header; readonly rows: readonly string[][] } {
  const read = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true })
  const rows = read.map((cells) => cells.map((cell) => cell.trim()))
  const start = rows.findIndex(([first]) => first === 'SKU')
  const names = rows[start]
  if (names === undefined) throw new Error('the price list has no row of column names: none begins with SKU')
  const optional = (name: string): number =>
    names.findIndex((one) => one.replaceAll(' ', '').toLowerCase() === name.toLowerCase())
  const required = (name: string): number => {
    const place = optional(name)
    if (place === -1) throw new Error(`the price list has no column ${name}`)
    return place
  }
  const header = {
    sku: required('SKU'),
    description: required('PriceDescription'),
    unit: required('Unit'),
    price: required('PricePerUnit'),
    currency: required('Currency'),
    service: required('serviceName'),
    usage: optional('usageType'),
    term: optional('TermType'),
    startingRange: optional('StartingRange'),
  }
  return { header, rows: rows.slice(start + 1) }
}

const serviceOf = (cell: string): string => cell.replace(/\s*\(Amazon Bedrock Edition\)$/i, '').trim()

/** `Claude Opus 4.7` → `claude-opus-4-7`; `null` for what is no model of Claude's. */
function modelOf(service: string): string | null {
  const name = service.toLowerCase().replaceAll(/[\s.]+/g, '-')
  return name.startsWith('claude-') ? nameOfModel(name) : null
}

type Kind = keyof Rates
interface Dimension {
  readonly kind: Kind
  readonly scope: PriceScope
  readonly tier: ServiceTier
  readonly long: boolean
}

interface ListedModel {
  /** `<scope> <tier> <band>` → what its rows said. */
  readonly cells: Map<string, Partial<Record<Kind, number>>>
  readonly faults: Set<string>
  readonly sku: Map<string, string>
}

const placeOf = (scope: PriceScope, tier: ServiceTier, long: boolean): string =>
  `${scope} ${tier}${long ? ' long' : ''}`

function readRow(row: readonly string[], header: Header, listed: ListedModel): void {
  const cell = (place: number): string => row[place] ?? ''
  // Commitments and steps of volume are other offers.
  if (!['', 'OnDemand'].includes(cell(header.term)) || !['', '0'].includes(cell(header.startingRange))) return
  const dimension = dimensionOf(cell(header.description), cell(header.usage))
  if (dimension === null) return
  const what = `${cell(header.description).split('|').at(-1)?.trim()}`
  if (cell(header.currency) !== 'USD')
    return void listed.faults.add(`${what} is in ${cell(header.currency) || 'no currency'}`)
  const rate = rateOf(cell(header.price), cell(header.unit))
  if (rate === null) return void listed.faults.add(`${what} costs "${cell(header.price)}" per "${cell(header.unit)}"`)
  const { kind, scope, tier, long } = dimension
  // No model is given away; a cache may well be.
  if (rate === 0 && (kind === 'input' || kind === 'output')) return void listed.faults.add(`${what} costs nothing`)
  const place = placeOf(scope, tier, long)
  const cells = listed.cells.get(place) ?? {}
  if (rate !== (cells[kind] ?? rate))
    listed.faults.add(`${what} costs ${rate / 1e9} dollars a million, and another row says ${(cells[kind] ?? 0) / 1e9}`)
  listed.cells.set(place, { ...cells, [kind]: rate })
  if (kind === 'input' && !listed.sku.has(place)) listed.sku.set(place, cell(header.sku))
}

/** Words that say nothing: what is counted, and that it is the usual thing. */
const SILENT = new Set(['token', 'tokens', 'count', 'standard', 'units', 'usage', 'million', 'cris', 'ttl', '5m'])
const TIERS: Readonly<Record<string, ServiceTier>> = { priority: 'priority', flex: 'flex' }
const SCOPES: Readonly<Record<string, PriceScope>> = { global: 'global', regional: 'regional', geo: 'regional' }
const KNOWN = new Set([
  ...SILENT,
  ...Object.keys(TIERS),
  ...Object.keys(SCOPES),
  'cache',
  'read',
  'write',
  'input',
  'output',
  'response',
  '1h',
  'long',
])

/** @returns `null` for what is no price of tokens of a request. */
function dimensionOf(description: string, usage: string): Dimension | null {
  const told = wordsOf(description.split('|').at(-1) ?? '')
  // `USE1-MP:USE1_InputTokenCount-Units`: the region's code comes before.
  const counted = wordsOf(/-MP:[A-Z0-9]+_(.*)$/.exec(usage)?.[1] ?? '')
  const words = new Set([...told, ...counted])
  if (![...words].every((word) => KNOWN.has(word))) return null
  const kind = kindOf(words)
  if (kind === null) return null
  const [tier = 'default'] = Object.keys(TIERS).filter((word) => words.has(word))
  const scopes = new Set(Object.keys(SCOPES).flatMap((word) => (words.has(word) ? [SCOPES[word]] : [])))
  if (scopes.size > 1) return null
  const [scope = 'regional'] = scopes
  return { kind, scope, tier: TIERS[tier] ?? 'default', long: words.has('long') }
}

/** `CacheWrite1hInputTokenCount_LCtx` → cache, write, 1h, input, token, count, long. */
const wordsOf = (text: string): string[] =>
  text
    .replaceAll(/L(?:ong)?[ _-]?(?:Ctx|Context)/gi, ' Long ')
    .replaceAll(/(\d+)[ -]?(?:hours?|hr)\b/gi, '$1h')
    .replaceAll(/([a-z])(\d+[hm])(?=[A-Z])/g, '$1 $2 ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')

function kindOf(words: ReadonlySet<string>): Kind | null {
  if (words.has('cache')) {
    if (words.has('read') === words.has('write')) return null
    if (words.has('read')) return words.has('1h') ? null : 'cacheRead'
    return words.has('1h') ? 'cacheWrite1h' : 'cacheWrite5m'
  }
  if (words.has('read') || words.has('write') || words.has('1h')) return null
  const output = words.has('output') || words.has('response')
  if (words.has('input') === output) return null
  return output ? 'output' : 'input'
}

/** Marketplace's `Units` are millions of tokens, as the descriptions in words say. */
const TOKENS_OF_UNIT: readonly (readonly [RegExp, number])[] = [
  [/^(?:units|1m tokens|million .*tokens.*)$/i, 1_000_000],
  [/^1k tokens$/i, 1_000],
]

/** Exactly, digit by digit. @returns nano-dollars per million tokens; `null` for what is no price, or is below a nano-dollar. */
function rateOf(price: string, unit: string): number | null {
  const tokens = TOKENS_OF_UNIT.find(([pattern]) => pattern.test(unit))?.[1]
  const [, whole, decimals = ''] = /^(\d{1,6})(?:\.(\d{1,20}))?$/.exec(price) ?? []
  if (tokens === undefined || whole === undefined) return null
  const digits = tokens === 1_000 ? 12 : 9
  if (/[1-9]/.test(decimals.slice(digits))) return null
  const rate = Number(`${whole}${decimals.slice(0, digits).padEnd(digits, '0')}`)
  return Number.isSafeInteger(rate) ? rate : null
}

const WORDS: Readonly<Record<Kind, string>> = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache read',
  cacheWrite5m: 'cache write',
  cacheWrite1h: 'one-hour cache write',
}
const SERVED = new Set(SEED_PRICES.map(({ model }) => model))
const NEEDED: readonly Kind[] = ['input', 'output', 'cacheRead', 'cacheWrite5m']

function pricesOf(
  model: string,
  { cells, faults, sku }: ListedModel,
): { readonly prices: readonly ListedPrice[]; readonly errors: readonly string[] } {
  // A price that cannot be read may be any of them.
  if (faults.size > 0) return { prices: [], errors: [`${model}: ${[...faults].join('; ')}`] }
  const prices: ListedPrice[] = []
  const errors: string[] = []
  for (const [place, found] of cells) {
    const [scope, tier, band] = place.split(' ') as [PriceScope, ServiceTier, 'long'?]
    if (band === 'long') continue
    const missing = NEEDED.filter((kind) => found[kind] === undefined).map((kind) => WORDS[kind])
    if (missing.length > 0) {
      // Models from before there was a cache have no price of it, and nobody asks for them any more.
      if (
        missing.length < NEEDED.length - 1 &&
        (found.cacheRead ?? found.cacheWrite5m) === undefined &&
        !SERVED.has(model)
      )
        continue
      errors.push(`${model} (${scope}, ${tier}): the list has no price for ${missing.join(', ')}`)
      continue
    }
    const long = completed(cells.get(placeOf(scope, tier, true)) ?? {})
    const rates = completed(found)
    if (rates !== null) prices.push({ model, scope, tier, rates, long, sku: sku.get(place) ?? '' })
  }
  return { prices, errors }
}

/** A one-hour cache write that is not listed costs twice the input, as it does for every model. */
function completed(found: Partial<Record<Kind, number>>): Rates | null {
  const { input, output, cacheRead, cacheWrite5m } = found
  if (input === undefined || output === undefined || cacheRead === undefined || cacheWrite5m === undefined) return null
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h: found.cacheWrite1h ?? 2 * input }
}
