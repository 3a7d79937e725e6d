/**
 * AWS's price list of foundation models as a file: five rows about it, the names of the columns, and a row for whatever is sold. The
 * wordings are AWS's, which are others for older models than for newer ones; other vendors, batches and reserved capacity are among it.
 */
import { createHash } from 'node:crypto'

export interface ListedModel {
  /** Without `(Amazon Bedrock Edition)`. */
  readonly name: string
  /** How its rows are worded: since Claude Opus 4.7 otherwise. */
  readonly wording: 'older' | 'newer'
  /** Dollars per million tokens, worldwide. */
  readonly rates: {
    readonly input: number
    readonly output: number
    readonly cacheRead: number
    readonly cacheWrite: number
    readonly cacheWrite1h: number
  }
  /** A long prompt costs so many times as much; absent: nothing is said of long prompts. */
  readonly longTimes?: number
}

type Rates = ListedModel['rates']
type Wording = ListedModel['wording']

const claude = (
  name: string,
  wording: Wording,
  [input, output, cacheRead, cacheWrite, cacheWrite1h]: readonly [number, number, number, number, number],
  longTimes?: number,
): ListedModel => ({
  name: `Claude ${name}`,
  wording,
  rates: { input, output, cacheRead, cacheWrite, cacheWrite1h },
  ...(longTimes !== undefined && { longTimes }),
})

const MODELS: readonly ListedModel[] = [
  claude('Fable 5.1', 'newer', [10, 50, 0.25, 12.5, 20]),
  claude('Fable 5', 'newer', [10, 50, 1, 12.5, 20]),
  claude('Opus 5.5', 'newer', [4, 20, 0.2, 5, 8]),
  claude('Opus 5', 'newer', [5, 25, 0.5, 6.25, 10]),
  claude('Opus 4.8', 'newer', [5, 25, 0.5, 6.25, 10]),
  claude('Opus 4.7', 'newer', [5, 25, 0.5, 6.25, 10]),
  claude('Sonnet 5.5', 'newer', [2, 10, 0.1, 2.5, 4]),
  claude('Sonnet 5', 'newer', [2, 10, 0.2, 2.5, 4]),
  claude('Haiku 5.5', 'newer', [0.1, 0.5, 0.01, 0.125, 0.2], 5),
  claude('Opus 4.6', 'older', [5, 25, 0.5, 6.25, 10], 1),
  claude('Opus 4.5', 'older', [5, 25, 0.5, 6.25, 10]),
  claude('Sonnet 4.6', 'older', [3, 15, 0.3, 3.75, 6], 1),
  claude('Sonnet 4.5', 'older', [3, 15, 0.3, 3.75, 6]),
  claude('Sonnet 4', 'older', [3, 15, 0.3, 3.75, 6]),
  claude('Haiku 4.5', 'older', [1, 5, 0.1, 1.25, 2]),
  claude('Opus 4.1', 'older', [15, 75, 1.5, 18.75, 30]),
]

const COLUMNS = [
  'SKU',
  'OfferTermCode',
  'RateCode',
  'TermType',
  'PriceDescription',
  'EffectiveDate',
  'StartingRange',
  'EndingRange',
  'Unit',
  'PricePerUnit',
  'Currency',
  'Location',
  'Location Type',
  'usageType',
  'operation',
  'Region Code',
  'serviceName',
]

const DISCLAIMER =
  'This pricing list is for informational purposes only. All prices are subject to the additional terms included in the pricing pages on http://aws.amazon.com. All Free Tier prices are also subject to the terms included at https://aws.amazon.com/free/'

/** A region's code in usage types, e.g. `USE1` for us-east-1. */
function codeOf(region: string): string {
  const [area = '', side = '', number = ''] = region.split('-')
  const sides: Readonly<Record<string, string>> = { northeast: 'N', southeast: 'S', central: 'C', south: 'S' }
  return `${area}${sides[side] ?? side.charAt(0)}${number}`.toUpperCase()
}

/** @param changes Rates that are others by now, new models, and `null` for what is not sold any more. */
export function priceListFile(
  region: string,
  version: string,
  changes: ReadonlyMap<string, Partial<Rates> | null>,
): string {
  const about = [
    ['FormatVersion', 'v1.0'],
    ['Disclaimer', DISCLAIMER],
    ['Publication Date', '2026-11-25T16:02:58Z'],
    ['Version', version],
    ['OfferCode', 'AmazonBedrockFoundationModels'],
  ]
  const rows = [...models(changes).flatMap((model) => offersOf(model)), ...OTHERS].map((offer) => rowOf(offer, region))
  return [...about, COLUMNS, ...rows].map(line).join('')
}

const NEW_MODEL: Rates = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 }

function models(changes: ReadonlyMap<string, Partial<Rates> | null>): ListedModel[] {
  const names = new Set([...MODELS.map(({ name }) => name), ...changes.keys()])
  return [...names].flatMap((name) => {
    const change = changes.get(name)
    if (change === null) return []
    const model = MODELS.find((one) => one.name === name) ?? { name, wording: 'newer', rates: NEW_MODEL }
    return [{ ...model, rates: { ...model.rates, ...change } }]
  })
}

const line = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`

interface Offer {
  readonly service: string
  /** Last part of the description. */
  readonly words: string
  /** Of the usage type, after the region's code. */
  readonly usage: string
  readonly usd: number
  readonly unit?: string
}

type Kind = readonly [keyof Rates, newer: string, newerUsage: string, older: string, olderUsage: string]
const KINDS: readonly Kind[] = [
  ['input', 'Input Tokens', 'input_tokens', 'Input Tokens', 'InputTokenCount'],
  ['output', 'Output Tokens', 'output_tokens', 'Response Tokens', 'OutputTokenCount'],
  ['cacheRead', 'Cache Read Tokens', 'cache_read_tokens', 'Cache Read Input Tokens', 'CacheReadInputTokenCount'],
  ['cacheWrite', 'Cache Write Tokens', 'cache_write_tokens', 'Cache Write Input Tokens', 'CacheWriteInputTokenCount'],
  [
    'cacheWrite1h',
    'Cache Write Tokens (1h TTL)',
    'cache_write_tokens_1h',
    '1 hour Cache Write Input Tokens',
    'CacheWrite1hInputTokenCount',
  ],
]

function offersOf(model: ListedModel): Offer[] {
  const bands = model.longTimes === undefined ? [false] : [false, true]
  const tokens = [true, false].flatMap((global) => bands.flatMap((long) => tokenOffers(model, global, long)))
  return [...tokens, ...besides(model)]
}

function tokenOffers(model: ListedModel, global: boolean, long: boolean): Offer[] {
  const { name, wording, rates, longTimes = 1 } = model
  const times = (global ? 1 : 1.1) * (long ? longTimes : 1)
  const worded = wording === 'newer' ? newerWords : olderWords
  return KINDS.map((kind) => ({
    service: `${name} (Amazon Bedrock Edition)`,
    ...worded(kind, global, long),
    usd: rates[kind[0]] * times,
  }))
}

type Worded = Pick<Offer, 'words' | 'usage'>
const when = (is: boolean, text: string): string => (is ? text : '')

const newerWords = ([, words, usage]: Kind, global: boolean, long: boolean): Worded => ({
  words: `${words} - Standard${when(long, ', Long Context')}${when(global, ', Global')}`,
  usage: `${usage}${when(long, '_long_ctx')}${when(global, '_global')}_standard`,
})

const olderWords = ([, , , words, usage]: Kind, global: boolean, long: boolean): Worded => ({
  words: `Million ${words}${when(long, ' Long Context')} ${global ? 'Global' : 'Regional CRIS'}`,
  usage: `${usage}${when(long, '_LCtx')}${when(global, '_Global')}`,
})

/** What is sold beside: at half the price when nobody waits, and capacity by the month. */
function besides({ name, wording, rates }: ListedModel): Offer[] {
  const service = `${name} (Amazon Bedrock Edition)`
  const newer = wording === 'newer'
  return [
    {
      service,
      words: newer ? 'Input Tokens - Batch, Global' : 'Million Batch Input Tokens Global',
      usage: newer ? 'input_tokens_global_batch' : 'InputTokenCount_Global_Batch',
      usd: rates.input / 2,
    },
    {
      service,
      words: 'Per Hour per 1K Input TPM Reserved 1 Month Global',
      usage: 'Reserved_1Month_InputTPM_Global',
      usd: rates.input * 0.036,
    },
  ]
}

const OTHERS: readonly Offer[] = [
  ...['Cohere Embed 4', 'Jamba 1.5 Large', 'Palmyra X5'].flatMap((name) => {
    const service = `${name} (Amazon Bedrock Edition)`
    return [
      { service, words: 'Million Input Tokens Regional', usage: 'InputTokenCount', usd: 2 },
      { service, words: 'Million Response Tokens Regional', usage: 'OutputTokenCount', usd: 8 },
    ]
  }),
  // A comma and quotes, as names of others have them.
  {
    service: 'Stable "Image" Core, v1 (Amazon Bedrock Edition)',
    words: 'Created image',
    usage: 'Created_image',
    usd: 0.04,
    unit: 'image',
  },
]

function rowOf({ service, words, usage, usd, unit = 'Units' }: Offer, region: string): string[] {
  const code = codeOf(region)
  const usageType = `${code}-MP:${code}_${usage}-Units`
  const sku = createHash('sha256')
    .update(`${service}${usageType}`)
    .digest('base64')
    .replaceAll(/[^A-Z0-9]/g, '')
    .slice(0, 16)
  return [
    sku,
    'JRTCKXETXF',
    `${sku}.JRTCKXETXF.6YS6EN2CT7`,
    'OnDemand',
    `AWS Marketplace software usage|${region}|${words}`,
    '2026-11-01',
    '0',
    'Inf',
    unit,
    usd.toFixed(10),
    'USD',
    region,
    'AWS Region',
    usageType,
    'Usage',
    region,
    service,
  ]
}
