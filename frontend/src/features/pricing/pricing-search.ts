/** What of the page about prices the address holds. */

export const SHOWN = ['global', 'regional', 'all'] as const
export type Shown = (typeof SHOWN)[number]

export interface PricingSearch {
  readonly q?: string
  /** `all`: also other tiers, and what does not hold: past, future, overridden. */
  readonly show?: Shown
  /** A dialog with an address of its own: the model whose price is set, `new` for any. */
  readonly set?: string
  readonly refresh?: true
}

/** A text of digits alone arrives as a number. */
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

export function readPricingSearch(search: Record<string, unknown>): PricingSearch {
  const [q, set] = [text(search.q), text(search.set)]
  const show = SHOWN.find((one) => one === search.show)
  return {
    ...(q !== undefined && { q }),
    ...(show !== undefined && show !== 'global' && { show }),
    ...(set !== undefined && { set }),
    ...(search.refresh === true && { refresh: true as const }),
  }
}
