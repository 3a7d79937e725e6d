import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { effectiveBudgetsQuery } from '../../api/budget-queries.ts'
import type { EffectiveBudget, TeamRow } from '../../api/budget-types.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { EffectiveTable } from './effective-table.tsx'

/** Whoever has spent most of their limit first. */
export function MembersTab({ team }: { readonly team: TeamRow }) {
  const { data, error, refetch } = useQuery(
    effectiveBudgetsQuery({ scope: 'user', team_id: team.team_id, sort: 'spend' }),
  )
  if (data === undefined) {
    return (
      <Card label="Members">
        {error === null ? (
          <Skeleton height="16rem" />
        ) : (
          <Notice
            kind="danger"
            title="The members could not be loaded"
            action={<Button onPress={() => void refetch()}>Try again</Button>}
          >
            {error.message}
          </Notice>
        )}
      </Card>
    )
  }
  return <Members members={data.budgets} team={team} />
}

function Members({ members, team }: { readonly members: readonly EffectiveBudget[]; readonly team: TeamRow }) {
  if (members.length === 0) {
    return (
      <Card label="Members">
        <Empty title={`Nobody is in ${team.team_name}`}>
          What its members spend is counted for it, and so is what keys without an owner spend that belong to it.{' '}
          <Link to="/members" className="link">
            Move somebody here
          </Link>
        </Empty>
      </Card>
    )
  }
  return (
    <Card
      title="Members"
      aside={
        <Link to="/members" search={{ team: team.team_id }} className="link">
          Add, move or remove members
        </Link>
      }
      flush
    >
      <EffectiveTable budgets={members} caption="Members, the most spent first" showsTeam={false} />
    </Card>
  )
}
