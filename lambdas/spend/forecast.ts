/** Where spending goes if it goes on as it did: a straight line through the days on which something was spent. */
import type * as z from 'zod'
import type { orgSpend } from '../../contract/org-analytics.ts'
import { addMs, dayOf, instant } from '../platform/instant.ts'
import { usd } from './usage-sums.ts'

type Answer = Pick<z.input<(typeof orgSpend)['responses'][200]>, 'forecast' | 'forecast_days'>

/** A week: no line through a few weeks says more. */
const LONGEST = 7
/** Through a single point goes every line. */
const FEWEST = 2

const DAY_MS = 86_400_000

/**
 * @param spent Day → nano-dollars.
 * @param windowDays It looks no further ahead than the window looks back.
 */
export function forecastOf(spent: ReadonlyMap<string, bigint>, windowDays: number): Answer {
  const days = [...spent].sort(([one], [other]) => (one < other ? -1 : 1))
  const told = days.map(([day, cost]) => ({ day, cost_usd: usd(cost), is_forecast: false }))
  const last = days.at(-1)?.[0]
  if (last === undefined || days.length < FEWEST) return { forecast: told, forecast_days: days.length }
  const lineAt = leastSquares(days.map(([, cost]) => Number(cost)))
  const ahead = Array.from({ length: Math.min(LONGEST, windowDays) }, (_, place) => ({
    day: dayOf(addMs(instant(Date.parse(last)), (place + 1) * DAY_MS)),
    cost_usd: usd(Math.max(0, Math.round(lineAt(days.length + place)))),
    is_forecast: true,
  }))
  return { forecast: [...told, ...ahead], forecast_days: days.length }
}

/** Ordinary least squares over the places 0, 1, 2… @param values At least two. */
function leastSquares(values: readonly number[]): (place: number) => number {
  const count = values.length
  const middle = (count - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const spread = values.reduce((sum, _, place) => sum + (place - middle) ** 2, 0)
  const slope = values.reduce((sum, value, place) => sum + (place - middle) * (value - mean), 0) / spread
  return (place) => mean + slope * (place - middle)
}
