import { type UseQueryResult, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import type { KeyPage } from '../../api/people-types.ts'
import { type KeysQuery, keysQuery, meQuery } from '../../api/queries.ts'
import { exactCount } from '../../format/number.ts'
import { Page } from '../../shell/page.tsx'
import { useShortcut } from '../../shell/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ListBar, ListFailure, PageTurns } from '../../ui/list.tsx'
import { Search } from '../../ui/search.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { CreateKey } from './create-key.tsx'
import { EditKey } from './edit-key.tsx'
import { EndKey } from './end-key.tsx'
import { type KeysSearch, STATUSES, type Status } from './keys-search.ts'
import { type Doing, KeysTable } from './keys-table.tsx'
import { RotateKey } from './rotate-key.tsx'

/** What a screen shows without much scrolling. */
const PAGE_ROWS = 50

const STATUS_NAMES: Readonly<Record<Status, string>> = {
  active: 'Active',
  expired: 'Expired',
  revoked: 'Revoked',
  all: 'All',
}

export function KeysPage() {
  const search = useSearch({ from: '/shell/keys' })
  const navigate = useNavigate({ from: '/keys' })
  const [doing, setDoing] = useState<Doing>()
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  const keys = useQuery(keysQuery(queryOf(search)))

  /** Another question begins at its first page. */
  const ask = (change: Partial<KeysSearch>): void =>
    void navigate({ search: ({ cursor: _cursor, ...before }) => ({ ...before, ...change }), replace: true })
  const openCreate = (): void => void navigate({ search: (before) => ({ ...before, create: true }) })
  const closeCreate = (): void =>
    void navigate({ search: ({ create: _create, ...before }) => before, replace: true, resetScroll: false })

  return (
    <Page
      title="Virtual keys"
      data={keys}
      actions={
        <Button kind="primary" onPress={openCreate}>
          <Plus size={15} aria-hidden /> Create key
        </Button>
      }
    >
      <Card label="Virtual keys" flush>
        <ListBar count={countIn(keys.data)}>
          <Search ref={field} label="Name, prefix or owner" value={search.q ?? ''} onChange={(q) => ask({ q })} />
          <Segmented
            label="Status"
            value={search.status ?? 'active'}
            onChange={(status) => ask({ status })}
            options={STATUSES.map((value) => ({ value, text: STATUS_NAMES[value] }))}
          />
        </ListBar>
        <List keys={keys} search={search} onAsk={ask} onCreate={openCreate} onDo={setDoing} />
      </Card>
      {search.create === true && <CreateKey onClose={closeCreate} />}
      {doing !== undefined && <Done {...doing} onClose={() => setDoing(undefined)} />}
    </Page>
  )
}

function Done({ of, what, onClose }: Doing & { readonly onClose: () => void }) {
  if (what === 'edit') return <EditKey of={of} onClose={onClose} />
  if (what === 'rotate') return <RotateKey of={of} onClose={onClose} />
  return <EndKey of={of} how={what} onClose={onClose} />
}

const countIn = (page: KeyPage | undefined): string | undefined =>
  page && `${exactCount(page.matching)} of ${exactCount(page.total)} ${page.total === 1 ? 'key' : 'keys'}`

const queryOf = ({ q, status = 'active', sort = 'last_used', order = 'desc', cursor }: KeysSearch): KeysQuery => ({
  q,
  status,
  sort,
  order,
  cursor,
  limit: PAGE_ROWS,
})

interface ListProps {
  readonly keys: UseQueryResult<KeyPage>
  readonly search: KeysSearch
  readonly onAsk: (change: Partial<KeysSearch>) => void
  readonly onCreate: () => void
  readonly onDo: (doing: Doing) => void
}

function List({ keys: { data, error, refetch }, search, onAsk, onCreate, onDo }: ListProps) {
  const { data: me } = useSuspenseQuery(meQuery)
  const navigate = useNavigate({ from: '/keys' })
  if (data === undefined) {
    return error === null ? (
      <Skeleton height="24rem" />
    ) : (
      <ListFailure title="The key list could not be loaded" onAgain={() => void refetch()}>
        {error.message} Your keys keep working.
      </ListFailure>
    )
  }
  if (data.keys.length === 0) {
    return <Nothing total={data.total} search={search} onAsk={onAsk} onCreate={onCreate} />
  }
  return (
    <>
      <KeysTable keys={data.keys} search={search} onSort={onAsk} onDo={onDo} isAdmin={me.role === 'admin'} />
      <PageTurns
        cursor={search.cursor}
        next={data.next_cursor}
        onFirst={() => onAsk({})}
        onNext={(cursor) => void navigate({ search: (before) => ({ ...before, cursor }) as KeysSearch })}
      />
    </>
  )
}

interface NothingProps {
  readonly total: number
  readonly search: KeysSearch
  readonly onAsk: (change: Partial<KeysSearch>) => void
  readonly onCreate: () => void
}

/** None at all, or none that fits: two different things to do next. */
function Nothing({ total, search: { q = '', status = 'active' }, onAsk, onCreate }: NothingProps) {
  if (total === 0) {
    return (
      <Empty
        title="No keys yet"
        action={
          <Button kind="primary" onPress={onCreate}>
            Create key
          </Button>
        }
      >
        A virtual key lets one machine, person or pipeline use Claude through this gateway. It can be revoked at any
        moment, and its cost is told apart.
      </Empty>
    )
  }
  const hidden = `${exactCount(total)} ${total === 1 ? 'key is' : 'keys are'} hidden by`
  if (q === '') {
    return (
      <Empty
        title={`No key is ${status}`}
        action={<Button onPress={() => onAsk({ status: 'all' })}>Show all keys</Button>}
      >
        {hidden} the status filter.
      </Empty>
    )
  }
  return (
    <Empty
      title={`No key matches “${q}”`}
      action={<Button onPress={() => onAsk({ q: '', status: 'all' })}>Clear search and filter</Button>}
    >
      {hidden} the search{status === 'all' ? '' : ` and the filter “${STATUS_NAMES[status]}”`}.
    </Empty>
  )
}
