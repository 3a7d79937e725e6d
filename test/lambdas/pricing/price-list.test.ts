import { describe, expect, test } from 'vitest'
import { type PriceList, readPriceList } from '../../../lambdas/pricing/price-list.ts'

const COLUMNS =
  '"SKU","OfferTermCode","RateCode","TermType","PriceDescription","EffectiveDate","StartingRange","EndingRange","Unit","PricePerUnit","Currency","Location","Location Type","usageType","operation","Region Code","serviceName"'
const PREAMBLE = [
  '"FormatVersion","v1.0"',
  '"Disclaimer","This pricing list is for informational purposes only, ""as is""."',
  '"Publication Date","2026-07-03T08:58:57Z"',
  '"Version","20260703085857"',
  '"OfferCode","AmazonBedrockFoundationModels"',
]

interface Row {
  readonly words: string
  readonly usd: string
  readonly service?: string
  readonly usage?: string
  readonly unit?: string
  readonly currency?: string
  readonly term?: string
  readonly start?: string
  readonly sku?: string
}

const OPUS = 'Claude Opus 4.7 (Amazon Bedrock Edition)'
const line = ({
  words,
  usd,
  service = OPUS,
  usage = '',
  unit = 'Units',
  currency = 'USD',
  term = 'OnDemand',
  start = '0',
  sku = 'FIRST',
}: Row): string =>
  [
    sku,
    'T',
    'R',
    term,
    `AWS Marketplace software usage|us-east-1|${words}`,
    '2026-07-01',
    start,
    'Inf',
    unit,
    usd,
    currency,
    'US East (N. Virginia)',
    'AWS Region',
    usage,
    'Usage',
    'us-east-1',
    service,
  ]
    .map((cell) => `"${cell}"`)
    .join(',')

const GLOBAL: readonly Row[] = [
  { words: 'Input Tokens - Standard, Global', usd: '5.0000000000', sku: 'IN' },
  { words: 'Output Tokens - Standard, Global', usd: '25.0000000000' },
  { words: 'Cache Read Tokens - Standard, Global', usd: '0.5000000000' },
  { words: 'Cache Write Tokens - Standard, Global', usd: '6.2500000000' },
]
const of = (service: string, rows: readonly Row[] = GLOBAL): Row[] => rows.map((row) => ({ ...row, service }))
const read = (rows: readonly Row[]): PriceList => readPriceList([...PREAMBLE, COLUMNS, ...rows.map(line)].join('\n'))
const modelsOf = ({ prices }: PriceList) => prices.map(({ model, scope }) => `${model} ${scope}`)

describe('the file', () => {
  test('P16, W38: with the rows that AWS puts before the names of the columns', () => {
    const { prices, errors } = read(GLOBAL)
    expect(errors).toEqual([])
    expect(prices).toEqual([
      {
        model: 'claude-opus-4-7',
        scope: 'global',
        tier: 'default',
        rates: { input: 5e9, output: 25e9, cacheRead: 0.5e9, cacheWrite5m: 6.25e9, cacheWrite1h: 10e9 },
        long: null,
        sku: 'IN',
      },
    ])
  })

  test('without them, with a mark of its encoding, with Windows line ends and empty lines', () => {
    const text = `\uFEFF${[COLUMNS, '', ...GLOBAL.map(line), ''].join('\r\n')}`
    expect(modelsOf(readPriceList(text))).toEqual(['claude-opus-4-7 global'])
  })

  test('P14: columns are found by their names, in whatever order they stand, and cells may be padded', () => {
    const text = [
      'SKU,serviceName,Currency,PricePerUnit,Unit,New Column,PriceDescription',
      ...GLOBAL.map(({ words, usd }) => `S, ${OPUS} ,USD, ${usd},Units ,x,"software usage|${words}"`),
    ].join('\n')
    expect(modelsOf(readPriceList(text))).toEqual(['claude-opus-4-7 global'])
  })

  test.each([
    ['P14, P16: an empty file', '', 'no row of column names'],
    ['only what comes before the columns', PREAMBLE.join('\n'), 'no row of column names'],
    ['a page in HTML', '<html><body>Access denied</body></html>', 'no row of column names'],
    ['P16: no row of a model', [...PREAMBLE, COLUMNS].join('\n'), 'no complete price of a Claude model; 0 rows'],
    ['a column that is missing', [...PREAMBLE, COLUMNS.replace('"Unit",', ''), ''].join('\n'), 'no column Unit'],
    ['quotes that do not end', `${COLUMNS}\n"FIRST","`, 'Quote'],
  ])('%s is an error, not a success', (_, text, words) => expect(() => readPriceList(text)).toThrow(words))

  test('P14, P16: where nothing of all its rows can be used, it says what it has seen', () => {
    const other = [
      { words: 'Million Input Tokens Regional', usd: '2', service: 'Jamba 1.5 Large (Amazon Bedrock Edition)' },
    ]
    expect(() => read([...other, ...GLOBAL.slice(1)])).toThrow(
      'no complete price of a Claude model; 4 rows, 1 Claude models, 1 others; claude-opus-4-7 (global, default): the list has no price for input',
    )
  })
})

describe('its wordings', () => {
  const kindsOf = (rows: readonly (readonly [words: string, usage: string])[]) =>
    read(rows.map(([words, usage], place) => ({ words, usage, usd: String(place + 1) }))).prices

  test.each([
    [
      'newer, of a region',
      [
        ['Input Tokens - Standard', 'USE1-MP:USE1_input_tokens_standard-Units'],
        ['Output Tokens - Standard', 'USE1-MP:USE1_output_tokens_standard-Units'],
        ['Cache Read Tokens - Standard', 'USE1-MP:USE1_cache_read_tokens_standard-Units'],
        ['Cache Write Tokens - Standard', 'USE1-MP:USE1_cache_write_tokens_standard-Units'],
        ['Cache Write Tokens (1h TTL) - Standard', 'USE1-MP:USE1_cache_write_tokens_1h_standard-Units'],
      ],
      'regional',
    ],
    [
      'newer, worldwide',
      [
        ['Input Tokens - Standard, Global', 'EU-MP:EU_input_tokens_global_standard-Units'],
        ['Output Tokens - Standard, Global', 'EU-MP:EU_output_tokens_global_standard-Units'],
        ['Cache Read Tokens - Standard, Global', 'EU-MP:EU_cache_read_tokens_global_standard-Units'],
        ['Cache Write Tokens - Standard, Global', 'EU-MP:EU_cache_write_tokens_5m_global_standard-Units'],
        ['Cache Write Tokens (1h TTL) - Standard, Global', 'EU-MP:EU_cache_write_tokens_1h_global_standard-Units'],
      ],
      'global',
    ],
    [
      'older, of a region',
      [
        ['Million Input Tokens Regional CRIS', 'USE1-MP:USE1_InputTokenCount-Units'],
        ['Million Response Tokens Regional CRIS', 'USE1-MP:USE1_OutputTokenCount_Geo-Units'],
        ['Million Cache Read Input Tokens Regional', 'USE1-MP:USE1_CacheReadInputTokenCount-Units'],
        ['Million Cache Write Input Tokens', 'USE1-MP:USE1_CacheWriteInputTokenCount-Units'],
        ['Million 1 hour Cache Write Input Tokens Regional', 'USE1-MP:USE1_CacheWrite1hInputTokenCount-Units'],
      ],
      'regional',
    ],
    [
      'older, worldwide',
      [
        ['Million Input Tokens Global', 'USE1-MP:USE1_InputTokenCount_Global-Units'],
        ['Million Response Tokens Global', 'USE1-MP:USE1_Usage-Units'],
        ['Million Cache Read Input Tokens', 'USE1-MP:USE1_CacheReadInputTokenCount_Global-Units'],
        ['Million Cache Write Input Tokens Global', ''],
        ['Million Cache Write Tokens 1hr Global', 'USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units'],
      ],
      'global',
    ],
  ] as const)('%s', (_, rows, scope) => {
    const rates = { input: 1e9, output: 2e9, cacheRead: 3e9, cacheWrite5m: 4e9, cacheWrite1h: 5e9 }
    expect(kindsOf(rows)).toMatchObject([{ scope, tier: 'default', rates, long: null }])
  })

  test('what is no price of a request’s tokens is left out, however much it looks like one', () => {
    const dear = { usd: '999.0000000000' }
    const besides = [
      ['Input Tokens - Batch, Global', 'USE1-MP:USE1_input_tokens_global_batch-Units'],
      ['Million Batch Response Tokens Global', 'USE1-MP:USE1_OutputTokenCount_Global_Batch-Units'],
      ['Million Input Tokens (Latency Optimized Inference)', 'USE1-MP:USE1_InputTokenCount_LatencyOptimized-Units'],
      ['Per Hour per 1K Input TPM Reserved 1 Month Global', 'USE1-MP:USE1_Reserved_1Month_InputTPM_Global-Units'],
      [
        'Provisioned Throughput Hourly Price (No Commit)',
        'USE1-MP:USE1_ProvisionedThroughput_NoCommit_ModelUnits-Units',
      ],
      ['Cache Write Tokens (30m TTL) - Standard, Global', 'USE1-MP:USE1_cache_write_tokens_30m_global_standard-Units'],
      ['Million model customization tokens', ''],
      ['Input Tokens - Quantum, Global', ''],
    ].map(([words = '', usage = '']) => ({ words, usage, ...dear }))
    const reserved = { words: 'Input Tokens - Standard, Global', ...dear, term: 'Reserved' }
    const step = { words: 'Input Tokens - Standard, Global', ...dear, start: '1000000' }
    const { prices, errors } = read([...besides, reserved, step, ...GLOBAL])
    expect(errors).toEqual([])
    expect(prices).toHaveLength(1)
    expect(Math.max(...Object.values(prices[0]?.rates ?? {}))).toBe(25e9)
  })

  test('tiers have prices of their own, and long prompts rates of their own', () => {
    const flex = GLOBAL.map((row) => ({ ...row, words: row.words.replace('Standard', 'Flex'), usd: '1' }))
    const long = GLOBAL.map((row) => ({
      ...row,
      words: row.words.replace(', Global', ', Long Context, Global'),
      usd: '9',
    }))
    const { prices } = read([...GLOBAL, ...flex, ...long])
    expect(prices.map(({ tier, rates, long }) => [tier, rates.input, long?.output ?? null])).toEqual([
      ['default', 5e9, 9e9],
      ['flex', 1e9, null],
    ])
  })

  test('of two rows for the same that say the same, one counts', () => {
    const { prices, errors } = read([...GLOBAL, ...GLOBAL])
    expect([prices.length, prices[0]?.rates.input, errors]).toEqual([1, 5e9, []])
  })

  test.each([
    ['dearer', '7.5000000000'],
    ['cheaper', '0.5000000000'],
  ])('of two rows for the same, one of them %s, neither is believed: its model is left out, and told of', (_, usd) => {
    const again = { words: 'Input Tokens - Standard, Global', usd }
    for (const rows of [
      [again, ...GLOBAL],
      [...GLOBAL, again],
    ]) {
      const list = read([...rows, ...of('Claude Haiku 4.5')])
      expect(modelsOf(list)).toEqual(['claude-haiku-4-5 global'])
      expect(list.errors).toEqual([
        expect.stringMatching(/^claude-opus-4-7: Input Tokens - Standard, Global costs .*, and another row says .*$/),
      ])
    }
  })
})

describe('its models', () => {
  test.each([
    ['Claude Opus 4.7 (Amazon Bedrock Edition)', 'claude-opus-4-7'],
    ['Claude Opus 4.7', 'claude-opus-4-7'],
    ['Claude Fable 5.1 (Amazon Bedrock Edition)', 'claude-fable-5-1'],
    ['Claude Sonnet 4 (Amazon Bedrock Edition)', 'claude-sonnet-4'],
    ['  Claude Haiku 4.5  (Amazon Bedrock Edition) ', 'claude-haiku-4-5'],
    ['Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)', 'claude-3-5-sonnet'],
  ])('P15: %j is %s', (service, model) => expect(modelsOf(read(of(service)))).toEqual([`${model} global`]))

  test('P14: several of them, and those of others are counted and not kept', () => {
    const list = read([
      ...of('Claude Opus 4.7 (Amazon Bedrock Edition)'),
      ...of('Llama 4 Scout (Amazon Bedrock Edition)'),
      ...of('Claude Haiku 4.5 (Amazon Bedrock Edition)'),
      ...of('Cohere Command R+, v2 (Amazon Bedrock Edition)'),
    ])
    expect(modelsOf(list)).toEqual(['claude-haiku-4-5 global', 'claude-opus-4-7 global'])
    expect(list.otherModels).toBe(2)
  })

  test('P14: one that lacks a price is left out and told of, the others are not', () => {
    const list = read([...GLOBAL.slice(0, 3), ...of('Claude Haiku 4.5')])
    expect(modelsOf(list)).toEqual(['claude-haiku-4-5 global'])
    expect(list.errors).toEqual(['claude-opus-4-7 (global, default): the list has no price for cache write'])
  })

  test('one from before there was a cache is left out in silence', () => {
    const list = read([...GLOBAL, ...of('Claude Instant 1.2', GLOBAL.slice(0, 2))])
    expect([list.prices.length, list.errors]).toEqual([1, []])
  })

  test.each([
    ['no number', { usd: 'n/a' }, 'costs "n/a"'],
    ['less than nothing', { usd: '-1' }, 'costs "-1"'],
    ['an exponent', { usd: '1e3' }, 'costs "1e3"'],
    ['nothing at all', { usd: '' }, 'costs ""'],
    ['finer than a nano-dollar', { usd: '0.00000000019' }, 'costs "0.00000000019"'],
    ['nothing', { usd: '0.0000000000' }, 'costs nothing'],
    ['nothing, without decimals', { usd: '0' }, 'costs nothing'],
    ['another unit', { unit: '1M TPM Hour' }, 'per "1M TPM Hour"'],
    ['another currency', { currency: 'CNY' }, 'is in CNY'],
  ])('P14: a price that is %s drops its model, and says so', (_, wrong, words) => {
    const rows = GLOBAL.map((row, place) => (place === 1 ? { ...row, ...wrong } : row))
    const list = read([...rows, ...of('Claude Haiku 4.5')])
    expect(modelsOf(list)).toEqual(['claude-haiku-4-5 global'])
    expect(list.errors).toEqual([expect.stringContaining(words)])
    expect(list.errors[0]).toContain('claude-opus-4-7: Output Tokens - Standard, Global')
  })

  test('input that costs nothing drops its model as well, also that of long prompts; a cache may cost nothing', () => {
    const free = GLOBAL.map((row, place) => (place === 0 ? { ...row, usd: '0' } : row))
    const long = { words: 'Input Tokens - Standard, Long Context, Global', usd: '0' }
    for (const rows of [free, [...GLOBAL, long]]) {
      const list = read([...rows, ...of('Claude Haiku 4.5')])
      expect(modelsOf(list)).toEqual(['claude-haiku-4-5 global'])
      expect(list.errors).toEqual([expect.stringContaining('costs nothing')])
    }
    const cache = GLOBAL.map((row, place) => (place === 2 ? { ...row, usd: '0' } : row))
    expect(read(cache).prices[0]?.rates.cacheRead).toBe(0)
  })

  test('units: a thousand tokens or a million, to the last digit', () => {
    const rows = GLOBAL.map((row) => ({ ...row, unit: '1K tokens', usd: '0.000123456789' }))
    expect(read(rows).prices[0]?.rates.input).toBe(123_456_789)
    const million = GLOBAL.map((row) => ({ ...row, unit: 'Million Input Tokens Regional', usd: '0.123456789' }))
    expect(read(million).prices[0]?.rates.input).toBe(123_456_789)
  })
})
