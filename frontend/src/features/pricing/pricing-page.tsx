import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { CloudDownload, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { pricesQuery, refreshQuery, unpricedQuery } from '../../api/pricing-queries.ts'
import type { PriceRow } from '../../api/pricing-types.ts'
import { modelName } from '../../format/model-name.ts'
import { exactCount } from '../../format/number.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ListBar, ListFailure } from '../../ui/list.tsx'
import { Search } from '../../ui/search.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { FailedRefresh, LastRefresh } from './last-refresh.tsx'
import { PriceTable } from './price-table.tsx'
import { type PricingSearch, readPricingSearch, SHOWN, type Shown } from './pricing-search.ts'
import { RefreshPrices } from './refresh-prices.tsx'
import { ResetPrice } from './reset-price.tsx'
import { SetPrice } from './set-price.tsx'
import { Unpriced } from './unpriced.tsx'

const SHOWN_NAMES: Readonly<Record<Shown, string>> = { global: 'Global', regional: 'Regional', all: 'Everything' }

/** What a dialog is open for. */
type Acting = { readonly how: 'edit' | 'reset'; readonly of: PriceRow }

export function PricingPage() {
  const search = useSearch({ from: '/shell/admins/pricing' })
  const navigate = useNavigate({ from: '/pricing' })
  const prices = useQuery(pricesQuery)
  const unpriced = useQuery(unpricedQuery)
  const refresh = useQuery(refreshQuery)
  const [acting, setActing] = useState<Acting>()
  const ask = (change: Partial<PricingSearch>): void =>
    void navigate({
      search: (before) => readPricingSearch({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    })
  const closeDialogs = (): void => {
    setActing(undefined)
    void navigate({
      search: ({ set: _set, refresh: _refresh, ...before }) => before,
      replace: true,
      resetScroll: false,
    })
  }
  const refetch = (): void => void Promise.all([prices.refetch(), unpriced.refetch(), refresh.refetch()])
  return (
    <Page
      title="Pricing"
      data={{ ...prices, isFetching: prices.isFetching || unpriced.isFetching || refresh.isFetching, refetch }}
      actions={
        <>
          <Button onPress={() => ask({ refresh: true })}>
            <CloudDownload size={15} aria-hidden /> Refresh from AWS
          </Button>
          <Button kind="primary" onPress={() => ask({ set: 'new' })}>
            <Plus size={15} aria-hidden /> Set price
          </Button>
        </>
      }
    >
      <Unpriced of={unpriced} onSet={(model) => ask({ set: model })} />
      <FailedRefresh of={refresh.data} onRefresh={() => ask({ refresh: true })} />
      <Card label="Prices" flush foot={<LastRefresh of={refresh.data} />}>
        <Listed prices={prices} search={search} onAsk={ask} onAct={setActing} />
      </Card>
      {prices.data !== undefined && (
        <Dialogs rows={prices.data} search={search} acting={acting} onClose={closeDialogs} />
      )}
    </Page>
  )
}

interface DialogsProps {
  readonly rows: readonly PriceRow[]
  readonly search: PricingSearch
  readonly acting: Acting | undefined
  readonly onClose: () => void
}

function Dialogs({ rows, search, acting, onClose }: DialogsProps) {
  const { set } = search
  if (acting?.how === 'reset') return <ResetPrice of={acting.of} rows={rows} onClose={onClose} />
  if (acting?.how === 'edit') return <SetPrice rows={rows} row={acting.of} model="" onClose={onClose} />
  if (set !== undefined) return <SetPrice rows={rows} model={set === 'new' ? '' : set} onClose={onClose} />
  return search.refresh === true ? <RefreshPrices onClose={onClose} /> : null
}

interface ListedProps {
  readonly prices: UseQueryResult<PriceRow[]>
  readonly search: PricingSearch
  readonly onAsk: (change: Partial<PricingSearch>) => void
  readonly onAct: (acting: Acting) => void
}

function Listed({ prices: { data, error, refetch }, search, onAsk, onAct }: ListedProps) {
  const { q = '', show = 'global' } = search
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  if (data === undefined) {
    return error === null ? (
      <Skeleton height="28rem" />
    ) : (
      <ListFailure title="The prices could not be loaded" onAgain={() => void refetch()}>
        {error.message} Requests go on being priced.
      </ListFailure>
    )
  }
  const shown = data.filter((row) => isShown(row, show))
  const matching = shown.filter((row) => fits(row, q))
  return (
    <>
      <ListBar
        count={
          q === ''
            ? `${exactCount(matching.length)} prices`
            : `${exactCount(matching.length)} of ${exactCount(shown.length)} prices`
        }
      >
        <Search ref={field} label="Model" value={q} onChange={(q) => onAsk({ q })} />
        <Segmented
          label="Shown"
          value={show}
          onChange={(value) => onAsk({ show: value })}
          options={SHOWN.map((value) => ({ value, text: SHOWN_NAMES[value] }))}
        />
        <span className="quiet">US dollars per million tokens</span>
      </ListBar>
      {matching.length > 0 ? (
        <PriceTable
          rows={matching}
          everything={show === 'all'}
          onEdit={(of) => onAct({ how: 'edit', of })}
          onReset={(of) => onAct({ how: 'reset', of })}
        />
      ) : (
        <Empty
          title={`No price matches “${q}”`}
          action={<Button onPress={() => onAsk({ q: '' })}>Clear search</Button>}
        >
          {exactCount(shown.length)} prices are hidden by the search.
        </Empty>
      )}
    </>
  )
}

/** What requests of a scope cost now, in whichever tier; or all there is. */
const isShown = (row: PriceRow, show: Shown): boolean => show === 'all' || (row.scope === show && row.in_force)

const fits = ({ model_prefix }: PriceRow, q: string): boolean => {
  const wanted = q.trim().toLowerCase()
  return model_prefix.includes(wanted) || modelName(model_prefix).toLowerCase().includes(wanted)
}
