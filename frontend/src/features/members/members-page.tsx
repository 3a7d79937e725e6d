import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { type MembersQuery, membersQuery } from '../../api/people-queries.ts'
import type { MemberPage } from '../../api/people-types.ts'
import { teamsQuery } from '../../api/queries.ts'
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
import { ActOnMember } from './act-on-member.tsx'
import { AddMember } from './add-member.tsx'
import { EditLimits } from './edit-limits.tsx'
import styles from './members.module.css'
import {
  type MembersSearch,
  ROLES,
  type RoleFilter,
  readMembersSearch,
  STATUSES,
  type Status,
} from './members-search.ts'
import { type Doing, MembersTable } from './members-table.tsx'
import { MoveMember } from './move-member.tsx'

/** What a screen shows without much scrolling. */
const PAGE_ROWS = 50

const STATUS_NAMES: Readonly<Record<Status, string>> = { active: 'Active', suspended: 'Suspended', all: 'All' }
const ROLE_NAMES: Readonly<Record<RoleFilter, string>> = {
  all: 'Every role',
  admin: 'Administrators',
  member: 'Members',
}

export function MembersPage() {
  const search = useSearch({ from: '/shell/admins/members' })
  const navigate = useNavigate({ from: '/members' })
  const [doing, setDoing] = useState<Doing>()
  const members = useQuery(membersQuery(queryOf(search)))
  /** Another question begins at its first page. */
  const ask = (change: Partial<MembersSearch>): void =>
    void navigate({
      search: ({ cursor: _cursor, ...before }) => readMembersSearch({ ...before, ...change }),
      replace: true,
    })
  const openAdd = (): void => void navigate({ search: (before) => ({ ...before, add: true }) })
  const closeAdd = (): void =>
    void navigate({ search: ({ add: _add, ...before }) => before, replace: true, resetScroll: false })
  return (
    <Page
      title="Members"
      data={members}
      actions={
        <Button kind="primary" onPress={openAdd}>
          <Plus size={15} aria-hidden /> Add member
        </Button>
      }
    >
      <Card label="Members" flush>
        <Filters search={search} page={members.data} onAsk={ask} />
        <List members={members} search={search} onAsk={ask} onDo={setDoing} />
      </Card>
      {search.add === true && <AddMember onClose={closeAdd} />}
      {doing !== undefined && <Done {...doing} onClose={() => setDoing(undefined)} />}
    </Page>
  )
}

function Done({ of, what, onClose }: Doing & { readonly onClose: () => void }) {
  if (what === 'move') return <MoveMember of={of} onClose={onClose} />
  if (what === 'limits') return <EditLimits of={of} onClose={onClose} />
  return <ActOnMember of={of} how={what} onClose={onClose} />
}

const queryOf = ({ q, status, role, team, sort, order, cursor }: MembersSearch): MembersQuery => ({
  q,
  status,
  role,
  team_id: team,
  sort,
  order,
  cursor,
  limit: PAGE_ROWS,
})

interface FiltersProps {
  readonly search: MembersSearch
  readonly page: MemberPage | undefined
  readonly onAsk: (change: Partial<MembersSearch>) => void
}

function Filters({ search, page, onAsk }: FiltersProps) {
  const teams = useQuery(teamsQuery).data?.teams ?? []
  const field = useRef<HTMLInputElement>(null)
  useShortcut('/', () => field.current?.focus())
  return (
    <ListBar
      count={
        page && `${exactCount(page.matching)} of ${exactCount(page.total)} ${page.total === 1 ? 'member' : 'members'}`
      }
    >
      <Search ref={field} label="Name, address or team" value={search.q ?? ''} onChange={(q) => onAsk({ q })} />
      <Segmented
        label="Status"
        value={search.status ?? 'all'}
        onChange={(status) => onAsk({ status })}
        options={STATUSES.map((value) => ({ value, text: STATUS_NAMES[value] }))}
      />
      <select
        className={styles.filter}
        aria-label="Role"
        value={search.role ?? 'all'}
        onChange={(event) => onAsk({ role: event.target.value as RoleFilter })}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {ROLE_NAMES[role]}
          </option>
        ))}
      </select>
      <select
        className={styles.filter}
        aria-label="Team"
        value={search.team ?? ''}
        onChange={(event) => onAsk({ team: event.target.value })}
      >
        <option value="">Every team</option>
        <option value="none">No team</option>
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </ListBar>
  )
}

interface ListProps {
  readonly members: UseQueryResult<MemberPage>
  readonly search: MembersSearch
  readonly onAsk: (change: Partial<MembersSearch>) => void
  readonly onDo: (doing: Doing) => void
}

function List({ members: { data, error, refetch }, search, onAsk, onDo }: ListProps) {
  const navigate = useNavigate({ from: '/members' })
  if (data === undefined) {
    return error === null ? (
      <Skeleton height="24rem" />
    ) : (
      <ListFailure title="The members could not be loaded" onAgain={() => void refetch()}>
        {error.message} Everybody’s keys keep working.
      </ListFailure>
    )
  }
  if (data.users.length === 0) {
    return (
      <Empty
        title={search.q === undefined ? 'Nobody is like that' : `Nobody matches “${search.q}”`}
        action={
          <Button onPress={() => onAsk({ q: '', status: 'all', role: 'all', team: '' })}>
            Clear search and filters
          </Button>
        }
      >
        {exactCount(data.total)} {data.total === 1 ? 'member is' : 'members are'} hidden by the search and the filters.
      </Empty>
    )
  }
  return (
    <>
      <MembersTable members={data.users} search={search} onSort={onAsk} onDo={onDo} />
      <PageTurns
        cursor={search.cursor}
        next={data.next_cursor}
        onFirst={() => onAsk({})}
        onNext={(cursor) => void navigate({ search: (before) => ({ ...before, cursor }) as MembersSearch })}
      />
    </>
  )
}
