import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import type { Key } from '../../api/people-types.ts'
import { relative } from '../../format/time.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'

/** What is to happen to which key, once it has been confirmed. */
interface Ending {
  readonly of: Key
  readonly how: 'revoke' | 'delete'
}

export function EndKey({ of: key, how, onClose }: Ending & { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const tell = useToast()
  const name = key.name ?? key.prefix
  const words = wordsFor(key, name)[how]
  const end = useMutation({
    mutationFn: (): Promise<unknown> =>
      how === 'revoke'
        ? call('POST /admin/keys/{id}/revoke', { params: { id: key.id } })
        : call('DELETE /admin/keys/{id}', { params: { id: key.id } }),
    onSuccess: async () => {
      tell('ok', words.done.title, words.done.text)
      onClose()
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  return (
    <Dialog
      title={words.title}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep key
          </Button>
          <Button kind="danger" isDisabled={end.isPending} onPress={() => end.mutate()}>
            {end.isPending ? words.doing : words.verb}
          </Button>
        </>
      }
    >
      <p>{words.effect}</p>
      {end.error !== null && (
        <Notice kind="danger" title={words.failed}>
          {end.error.message}
        </Notice>
      )}
    </Dialog>
  )
}

const wordsFor = (key: Key, name: string) => ({
  revoke: {
    title: `Revoke ${name}?`,
    effect: `${usedBy(key)} Requests with it are refused from then on; this cannot be undone. What it has cost stays on the books.`,
    verb: 'Revoke key',
    doing: 'Revoking…',
    failed: 'The key was not revoked',
    done: { title: `${name} is revoked`, text: 'Requests with it are refused from now on.' },
  },
  delete: {
    title: `Delete ${name}?`,
    effect: 'It leaves this list for good. What it has cost stays on the books.',
    verb: 'Delete key',
    doing: 'Deleting…',
    failed: 'The key was not deleted',
    done: { title: `${name} is deleted`, text: 'What it has cost stays on the books.' },
  },
})

function usedBy({ owner_name, owner_email, user_id, last_used_at }: Key): string {
  const owner = user_id === null ? 'A team key' : `The key of ${owner_name ?? owner_email ?? 'a removed person'}`
  return last_used_at === null
    ? `${owner}, not used this month or the month before.`
    : `${owner}, last used ${relative(last_used_at, Date.now())}.`
}
