import { useQuery } from '@tanstack/react-query'
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
          What its members spend is counted for it, and so is what keys without an owner spend that belong to it.
        </Empty>
      </Card>
    )
  }
  return (
    <Card title="Members" aside="the most spent first" flush>
      <EffectiveTable budgets={members} caption="Members, the most spent first" showsTeam={false} />
    </Card>
  )
}
