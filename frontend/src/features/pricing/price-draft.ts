/** What is typed of a price, and what is sent of it. */
import type { PriceRow, PriceWish } from '../../api/pricing-types.ts'
import { RATES, type RateName, type Rates } from './rates.ts'

type Typed = Readonly<Record<RateName, string>>

export interface Draft {
  readonly model: string
  readonly scope: PriceRow['scope']
  readonly tier: PriceRow['tier']
  /** A day, UTC. */
  readonly from: string
  readonly rates: Typed
  readonly isFree: boolean
  readonly hasLong: boolean
  readonly above: string
  readonly long: Typed
}

const NOTHING: Typed = {
  input_rate: '',
  output_rate: '',
  cache_read_rate: '',
  cache_write_rate: '',
  cache_write_1h_rate: '',
}

const typed = (rates: Rates): Typed =>
  Object.fromEntries(RATES.map(({ name }) => [name, plain(rates[name])])) as unknown as Typed

/** Without an exponent, which a small number is written with. */
const plain = (usd: number): string => usd.toFixed(9).replace(/\.?0+$/, '')

export const newDraft = (model: string, today: string): Draft => ({
  model,
  scope: 'global',
  tier: 'default',
  from: today,
  rates: NOTHING,
  isFree: false,
  hasLong: false,
  above: '',
  long: NOTHING,
})

export const draftOf = (row: PriceRow, today: string): Draft => ({
  model: row.model_prefix,
  scope: row.scope,
  tier: row.tier,
  from: row.source === 'admin_manual' && row.effective_from > today ? row.effective_from : today,
  rates: typed(row),
  isFree: isNothing(row),
  hasLong: row.long_prompt !== null,
  above: row.long_prompt === null ? '' : String(row.long_prompt.above_tokens),
  long: row.long_prompt === null ? NOTHING : typed(row.long_prompt),
})

const isNothing = (rates: Rates): boolean => RATES.every(({ name }) => rates[name] === 0)

/** What the gateway takes at most. */
const DEAREST = 10_000
const MOST_TOKENS = 10_000_000

/** A comma is a point here: nobody pays thousands for a million tokens. @returns the sentence that says what to enter instead */
function readRate(text: string): number | string {
  const entered = text.trim().replace(',', '.')
  if (entered === '') return 'Enter a rate, or 0.'
  if (!/^\d{1,6}(?:\.\d*)?$|^\.\d+$/.test(entered)) return 'Enter dollars, such as 1.25.'
  if (/\.\d{10}/.test(entered)) return 'At most nine decimals.'
  const rate = Number(entered)
  return rate > DEAREST ? 'At most 10,000 dollars.' : rate
}

export function ratesIn(of: Typed): Rates | undefined {
  const rates = RATES.map(({ name }) => [name, readRate(of[name])] as const)
  return rates.every(([, rate]) => typeof rate === 'number')
    ? (Object.fromEntries(rates) as unknown as Rates)
    : undefined
}

/** By the field's name; those of long prompts begin with `long.`. */
export type Complaints = Readonly<Record<string, string>>

export function complaintsIn(draft: Draft, today: string): Complaints {
  const complaints: Record<string, string> = {}
  if (draft.model.trim() === '') complaints.model = 'Enter the model, such as claude-opus-5-5.'
  else if (!/claude-/.test(draft.model)) complaints.model = 'Enter a model of Claude, such as claude-opus-5-5.'
  Object.assign(complaints, complaintsOf(draft.rates, ''))
  const rates = ratesIn(draft.rates)
  if (rates !== undefined && isNothing(rates) && !draft.isFree)
    complaints.free = 'Tick that it is free, or enter a rate.'
  if (!/^\d{4}-\d\d-\d\d$/.test(draft.from)) complaints.from = 'Enter a day.'
  else if (draft.from < today) complaints.from = 'Today or later: what was asked before has been charged.'
  if (!draft.hasLong) return complaints
  const above = Number(draft.above.replaceAll(/[,\s]/g, ''))
  if (!Number.isInteger(above) || above < 1 || above > MOST_TOKENS)
    complaints.above = 'Enter a number of tokens, such as 200,000.'
  return Object.assign(complaints, complaintsOf(draft.long, 'long.'))
}

const complaintsOf = (of: Typed, prefix: string): Complaints =>
  Object.fromEntries(
    RATES.flatMap(({ name }) => {
      const read = readRate(of[name])
      return typeof read === 'string' ? [[prefix + name, read]] : []
    }),
  )

/** Of a draft without complaints. */
export function wishOf(draft: Draft): PriceWish {
  const rates = ratesIn(draft.rates)
  const long = ratesIn(draft.long)
  if (rates === undefined) throw new RangeError('there are rates that are none')
  return {
    ...rates,
    scope: draft.scope,
    tier: draft.tier,
    effective_from: draft.from,
    ...(isNothing(rates) && { free: true }),
    ...(draft.hasLong &&
      long !== undefined && { long_prompt: { above_tokens: Number(draft.above.replaceAll(/[,\s]/g, '')), ...long } }),
  }
}
