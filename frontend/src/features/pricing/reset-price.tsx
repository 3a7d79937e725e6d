import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { readPricesAnew } from '../../api/pricing-queries.ts'
import type { PriceRow } from '../../api/pricing-types.ts'
import { modelName } from '../../format/model-name.ts'
import { rate } from '../../format/money.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { samePlace, scopeName, sourceName, tierName } from './rates.ts'

interface ResetPriceProps {
  readonly of: PriceRow
  readonly rows: readonly PriceRow[]
  readonly onClose: () => void
}

export function ResetPrice({ of: row, rows, onClose }: ResetPriceProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const name = modelName(row.model_prefix)
  const reset = useMutation({
    mutationFn: () =>
      call('DELETE /admin/pricing/{model}', {
        params: { model: row.model_prefix },
        query: { scope: row.scope, tier: row.tier },
      }),
    onSuccess: async () => {
      tell('ok', `The price of ${name} is reset`, 'From now on.')
      onClose()
      await readPricesAnew(queries)
    },
  })
  return (
    <Dialog
      title={`Reset the price of ${name}?`}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep price
          </Button>
          <Button kind="danger" isPending={reset.isPending} onPress={() => reset.mutate()}>
            {reset.isPending ? 'Resetting…' : 'Reset price'}
          </Button>
        </>
      }
    >
      <p>
        What was set by hand for {scopeName(row.scope).toLowerCase()} requests of the tier {tierName(row.tier)} is taken
        back. {afterwards(row, rows)} What has been charged stays.
      </p>
      {reset.error !== null && (
        <Notice kind="danger" title="The price was not reset">
          {reset.error.message}
        </Notice>
      )}
    </Dialog>
  )
}

function afterwards(row: PriceRow, rows: readonly PriceRow[]): string {
  const today = new Date().toISOString().slice(0, 10)
  // AWS's list comes before the release, and of each the latest first: as they are listed.
  const others = rows.filter(
    (one) => samePlace(one, row) && one.source !== 'admin_manual' && one.effective_from <= today,
  )
  const next = others.find(({ source }) => source === 'price_list_api') ?? others[0]
  if (next === undefined) {
    return 'Nothing else is known of it: it is charged by another scope or tier of the model, or as unknown.'
  }
  const from = next.source === 'seed' ? 'the list of this release' : sourceName(next.source)
  return `From then on ${from} holds: ${rate(next.input_rate)} in and ${rate(next.output_rate)} out.`
}
