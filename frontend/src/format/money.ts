/** Amounts in US dollars, as a person reads them. `exactly` is for the tooltip: nothing is rounded away there. */

const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const fourDecimals = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 4,
  maximumFractionDigits: 4,
})
const compact = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  maximumFractionDigits: 1,
})
/** Nano-dollars are the smallest unit the gateway counts in. */
const nineDecimals = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 9 })

const SMALLEST_SHOWN = 0.0001

export function money(usd: number): string {
  const size = Math.abs(usd)
  if (size === 0) return '$0.00'
  if (size < SMALLEST_SHOWN) return usd < 0 ? `>-$${SMALLEST_SHOWN}` : `<$${SMALLEST_SHOWN}`
  // What would be shown as less than a cent gets four decimals.
  if (size < 0.01) return fourDecimals.format(usd)
  return size >= 1_000_000 ? compact.format(usd) : cents.format(usd)
}

/** What a million tokens cost: cents, and below a dollar as many digits as say something. */
const rateForm = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 9,
})
export const rate = (usd: number): string => rateForm.format(usd)

export const exactly = (usd: number): string => nineDecimals.format(usd)

/** On an axis every tick has the same form. */
export function moneyTicks(ticks: readonly number[]): string[] {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const decimals = step >= 1 ? 0 : Math.min(9, Math.ceil(-Math.log10(step)))
  const form = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return ticks.map((tick) => form.format(tick))
}
