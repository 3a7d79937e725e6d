/** What of the Dashboard the address holds. */

export const RANGES = [1, 3, 7, 14, 30, 90] as const
export type Range = (typeof RANGES)[number]
export const GRANULARITIES = ['auto', 'hour', 'day', 'week'] as const
export type Granularity = (typeof GRANULARITIES)[number]

export interface DashboardSearch {
  readonly days?: Range
  readonly by?: Granularity
}

/** What is not understood counts as not said; what is the default is not written. */
export function readDashboardSearch(search: Record<string, unknown>): DashboardSearch {
  const days = RANGES.find((range) => range === Number(search.days))
  const by = GRANULARITIES.find((granularity) => granularity === search.by)
  return { ...(days !== undefined && days !== 7 && { days }), ...(by !== undefined && by !== 'auto' && { by }) }
}

export const rangeName = (days: Range): string => (days === 1 ? 'Last 24 hours' : `Last ${days} days`)
