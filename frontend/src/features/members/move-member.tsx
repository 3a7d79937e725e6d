import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { defaultBudgetQuery } from '../../api/budget-queries.ts'
import { call } from '../../api/client.ts'
import { readPeopleAnew } from '../../api/people-queries.ts'
import type { Member, Team } from '../../api/people-types.ts'
import { teamsQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { eachOf, effectsOfMove, nameOf } from './member-effects.ts'
import styles from './members.module.css'
import { TeamOptions } from './team-options.tsx'

/** A longer one does not fit a button; it stands above it. */
const LONGEST_NAME = 30

export function MoveMember({ of: member, onClose }: { readonly of: Member; readonly onClose: () => void }) {
  const teams = useQuery(teamsQuery).data?.teams ?? []
  const queries = useQueryClient()
  const tell = useToast()
  const [chosen, setChosen] = useState(member.team_id ?? '')
  const to = teams.find(({ id }) => id === chosen) ?? null
  const name = nameOf(member)
  const stays = chosen === (member.team_id ?? '')
  const move = useMutation({
    mutationFn: () =>
      call('PUT /admin/users/{id}/team', { params: { id: member.id }, body: { team_id: chosen || null } }),
    onSuccess: async ({ pinned_keys: pinned }) => {
      const done = to === null ? `${name} is in no team now` : `${name} is in ${to.name} now`
      tell('ok', done, pinned === 0 ? undefined : stayingKeys(pinned))
      onClose()
      await readPeopleAnew(queries)
    },
  })
  const verb = to === null ? 'Take out of team' : to.name.length > LONGEST_NAME ? 'Move' : `Move to ${to.name}`
  return (
    <Dialog
      title={`Move ${name}`}
      description={member.team_name === null ? 'In no team now.' : `In ${member.team_name} now.`}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={stays || move.isPending} onPress={() => move.mutate()}>
            {move.isPending ? 'Moving…' : stays ? 'Move' : verb}
          </Button>
        </>
      }
    >
      <Choice label="Team" value={chosen} onChange={(event) => setChosen(event.target.value)}>
        <TeamOptions teams={teams} />
      </Choice>
      {!stays && <Effects of={member} to={to} />}
      {move.error !== null && (
        <Notice kind="danger" title="Nobody was moved">
          {move.error.message}
        </Notice>
      )}
    </Dialog>
  )
}

const stayingKeys = (count: number): string =>
  count === 1
    ? 'One active key of theirs goes on paying from another team.'
    : `${count} active keys of theirs go on paying from another team.`

function Effects({ of: member, to }: { readonly of: Member; readonly to: Team | null }) {
  const usual = useQuery(defaultBudgetQuery).data
  const each = to === null ? usual && { amount: usual.budget_amount_usd, period: usual.budget_period } : eachOf(to)
  return (
    <ul className={styles.effects} aria-label="What changes" aria-live="polite">
      {effectsOfMove(member, to, each).map((effect) => (
        <li key={effect} dir="auto">
          {effect}
        </li>
      ))}
    </ul>
  )
}
