/** The price book of an environment, read anew when the stamp in the allowance says that a price has changed. */
import { type PriceBook, priceBookOf } from './price-book.ts'
import type { PriceStore } from './prices.store.ts'

export interface CurrentPrices {
  /** @param version The stamp read with the allowance. @throws what the SDK throws when the prices cannot be read. */
  at(version: number): Promise<PriceBook>
  /** What was read last; before that, the prices that come with the gateway. For estimates, which nobody should wait for. */
  atHand(): PriceBook
}

export function openCurrentPrices(store: PriceStore): CurrentPrices {
  let known: { readonly version: number; readonly book: Promise<PriceBook> } | undefined
  let atHand = priceBookOf([])
  return {
    atHand: () => atHand,
    at(version) {
      if (known !== undefined && known.version >= version) return known.book
      const book = store.all().then((rows) => {
        atHand = priceBookOf(rows)
        return atHand
      })
      const mine = { version, book }
      known = mine
      // A failed read is not kept: the next request tries again.
      book.catch(() => {
        if (known === mine) known = undefined
      })
      return book
    },
  }
}
