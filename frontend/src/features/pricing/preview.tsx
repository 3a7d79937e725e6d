import type { PriceRow } from '../../api/pricing-types.ts'
import { exactly, money } from '../../format/money.ts'
import { type Draft, ratesIn } from './price-draft.ts'
import { TYPICAL_WORDS, typicalThousand } from './rates.ts'
import styles from './set-price.module.css'

/** What the numbers mean, before they are saved. */
export function Preview({ draft, rows }: { readonly draft: Draft; readonly rows: readonly PriceRow[] }) {
  const rates = ratesIn(draft.rates)
  const long = draft.hasLong ? ratesIn(draft.long) : undefined
  const cost =
    rates &&
    typicalThousand({
      ...rates,
      long_prompt: long === undefined ? null : { above_tokens: Number(draft.above), ...long },
    })
  const now = rows.find(
    (row) =>
      row.in_force && row.model_prefix === draft.model.trim() && row.scope === draft.scope && row.tier === draft.tier,
  )
  return (
    <div className={styles.preview} role="status">
      {cost === undefined ? (
        <span>Enter the rates to see what 1,000 typical requests cost.</span>
      ) : (
        <span>
          1,000 typical requests cost <b title={exactly(cost)}>{money(cost)}</b>
          {now !== undefined && <>, and {money(typicalThousand(now))} now</>}.
        </span>
      )}
      <small>Each {TYPICAL_WORDS}. Only requests after the change are priced by it; what has been charged stays.</small>
    </div>
  )
}
