import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { readBudgetsAnew, teamRowsQuery } from '../../api/budget-queries.ts'
import type { TeamRow } from '../../api/budget-types.ts'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Tick } from '../../ui/tick.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { plural } from './budget-words.ts'

interface DeleteTeamProps {
  readonly team: TeamRow
  readonly onClose: () => void
  readonly onDone?: (() => void) | undefined
}

/** What is in its way is named, and what is to become of it chosen, before it can go; whoever is in it is worth typing its name. */
export function DeleteTeam({ team, onClose, onDone }: DeleteTeamProps) {
  const { team_name: name, user_count: members, key_count: keys } = team
  const [typed, setTyped] = useState('')
  const [target, setTarget] = useState('none')
  const [revokes, setRevokes] = useState(false)
  const end = useDeletion(team, { target, revokes }, () => {
    onClose()
    onDone?.()
  })
  const isEmpty = members + keys === 0
  const isReady = isEmpty || (typed.trim() === name && (keys === 0 || revokes))
  return (
    <Dialog
      title={`Delete team ${name}?`}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep team
          </Button>
          <Button kind="danger" isDisabled={!isReady} isPending={end.isPending} onPress={() => end.mutate()}>
            {end.isPending ? 'Deleting…' : 'Delete team'}
          </Button>
        </>
      }
    >
      <p>
        {isEmpty ? 'Nobody is in it and no active key belongs to it. ' : `It still has ${blockersOf(team)}. `}
        Its budget and its routing go with it; what it has cost stays on the books.
      </p>
      {members > 0 && <Target team={team} value={target} onChange={setTarget} />}
      {keys > 0 && (
        <Tick
          label={`Revoke its ${plural(keys, 'key')}: requests with them are refused at once`}
          checked={revokes}
          onChange={setRevokes}
        />
      )}
      {!isEmpty && (
        <Field
          label={`Type ${name} to confirm`}
          required
          autoComplete="off"
          dir="auto"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {end.error !== null && (
        <Notice kind="danger" title="The team was not deleted">
          {end.error.message}
        </Notice>
      )}
    </Dialog>
  )
}

const blockersOf = ({ user_count, key_count }: TeamRow): string =>
  [
    ...(user_count > 0 ? [plural(user_count, 'member')] : []),
    ...(key_count > 0 ? [plural(key_count, 'active key')] : []),
  ].join(' and ')

interface TargetProps {
  readonly team: TeamRow
  readonly value: string
  readonly onChange: (target: string) => void
}

function Target({ team, value, onChange }: TargetProps) {
  const others = (useQuery(teamRowsQuery).data?.teams ?? []).filter(({ team_id }) => team_id !== team.team_id)
  return (
    <Choice
      label="Its members go to"
      value={value}
      help="The budget of where they go holds for them from then on; without a team, the default budget."
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="none">no team</option>
      {others.map(({ team_id, team_name }) => (
        <option key={team_id} value={team_id}>
          {team_name}
        </option>
      ))}
    </Choice>
  )
}

interface Wish {
  /** A team, or `none`. */
  readonly target: string
  readonly revokes: boolean
}

function useDeletion(team: TeamRow, { target, revokes }: Wish, onDone: () => void) {
  const queries = useQueryClient()
  const tell = useToast()
  return useMutation({
    mutationFn: () =>
      call('DELETE /admin/teams/{id}', {
        params: { id: team.team_id },
        query: {
          ...(team.user_count > 0 && { move_members_to: target }),
          ...(revokes && { revoke_keys: 'true' as const }),
        },
      }),
    onSuccess: async ({ members_moved, keys_revoked }) => {
      const effects = [
        ...(members_moved > 0 ? [`${plural(members_moved, 'member')} moved.`] : []),
        ...(keys_revoked > 0 ? [`${plural(keys_revoked, 'key')} revoked.`] : []),
        'What it has cost stays on the books.',
      ]
      tell('ok', `Team ${team.team_name} is deleted`, effects.join(' '))
      onDone()
      await Promise.all([readBudgetsAnew(queries), queries.invalidateQueries({ queryKey: ['keys'] })])
    },
  })
}
