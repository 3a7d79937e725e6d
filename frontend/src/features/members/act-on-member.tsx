import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { readPeopleAnew } from '../../api/people-queries.ts'
import type { Member } from '../../api/people-types.ts'
import { meQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { type Act, effectsOf, nameOf } from './member-effects.ts'
import styles from './members.module.css'

interface ActOnMemberProps {
  readonly of: Member
  readonly how: Act
  readonly onClose: () => void
}

interface Words {
  readonly title: (name: string) => string
  readonly keep: string
  readonly verb: string
  readonly doing: string
  readonly failed: string
  readonly done: string
  readonly isDanger: boolean
}

const WORDS: Readonly<Record<Act, Words>> = {
  promote: {
    title: (name) => `Make ${name} an administrator?`,
    keep: 'Keep as member',
    verb: 'Make administrator',
    doing: 'Changing…',
    failed: 'The role was not changed',
    done: 'an administrator',
    isDanger: false,
  },
  demote: {
    title: (name) => `Make ${name} a member?`,
    keep: 'Keep as administrator',
    verb: 'Make member',
    doing: 'Changing…',
    failed: 'The role was not changed',
    done: 'a member',
    isDanger: true,
  },
  suspend: {
    title: (name) => `Suspend ${name}?`,
    keep: 'Keep active',
    verb: 'Suspend',
    doing: 'Suspending…',
    failed: 'Nobody was suspended',
    done: 'suspended',
    isDanger: true,
  },
  reactivate: {
    title: (name) => `Reactivate ${name}?`,
    keep: 'Keep suspended',
    verb: 'Reactivate',
    doing: 'Reactivating…',
    failed: 'Nobody was reactivated',
    done: 'active again',
    isDanger: false,
  },
  remove: {
    title: (name) => `Remove ${name}?`,
    keep: 'Keep member',
    verb: 'Remove member',
    doing: 'Removing…',
    failed: 'The member was not removed',
    done: 'removed',
    isDanger: true,
  },
}

function send(id: string, how: Act): Promise<unknown> {
  const params = { id }
  if (how === 'remove') return call('DELETE /admin/users/{id}', { params })
  const changes = {
    promote: { role: 'admin' },
    demote: { role: 'member' },
    suspend: { active: false },
    reactivate: { active: true },
  } as const
  return call('PUT /admin/users/{id}', { params, body: changes[how] })
}

export function ActOnMember({ of: member, how, onClose }: ActOnMemberProps) {
  const { data: me } = useSuspenseQuery(meQuery)
  const queries = useQueryClient()
  const tell = useToast()
  const name = nameOf(member)
  const words = WORDS[how]
  const act = useMutation({
    mutationFn: () => send(member.id, how),
    onSuccess: async () => {
      tell('ok', `${name} is ${words.done}`)
      onClose()
      await readPeopleAnew(queries)
    },
  })
  return (
    <Dialog
      title={words.title(name)}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            {words.keep}
          </Button>
          <Button kind={words.isDanger ? 'danger' : 'primary'} isDisabled={act.isPending} onPress={() => act.mutate()}>
            {act.isPending ? words.doing : words.verb}
          </Button>
        </>
      }
    >
      <ul className={styles.effects}>
        {effectsOf(how, member, member.id === me.user_id).map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </ul>
      {act.error !== null && (
        <Notice kind="danger" title={words.failed}>
          {act.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
