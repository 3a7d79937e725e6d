/** Money is an integer of nano-dollars: 1 USD = 10^9. No float ever holds an amount. */

export type NanoUsd = number & { readonly __unit: 'nano-dollars' }

const NANO_PER_USD = 1_000_000_000

/** @throws RangeError when the amount is not an integer that a double holds exactly (about 9 million dollars). */
export function nanoUsd(amount: number): NanoUsd {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not a whole number of nano-dollars: ${amount}`)
  return amount as NanoUsd
}

export const ZERO_USD: NanoUsd = nanoUsd(0)

/**
 * A sum of what was spent. What is larger than a double counts exactly is told as the most that is (about 9 million dollars): above
 * every limit that can be set, and whoever looks at it gets an answer.
 */
export const cappedUsd = (sum: number): NanoUsd => nanoUsd(Math.min(sum, Number.MAX_SAFE_INTEGER))

export const addUsd = (...amounts: readonly NanoUsd[]): NanoUsd =>
  cappedUsd(amounts.reduce<number>((sum, one) => sum + one, 0))

/** As the control plane shows an amount: nano-dollars have nine decimals. */
export const exactUsd = (amount: NanoUsd): number => usdOf(amount, 9)
export const usdOrNull = (amount: NanoUsd | null): number | null => (amount === null ? null : exactUsd(amount))

/** For showing only: a decimal number of dollars, rounded half away from zero to `digits`. */
export function usdOf(amount: NanoUsd, digits: number): number {
  const unit = NANO_PER_USD / 10 ** digits
  return (Math.sign(amount) * Math.round(Math.abs(amount) / unit)) / 10 ** digits
}
