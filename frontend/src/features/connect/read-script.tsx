import { queryOptions, useQuery } from '@tanstack/react-query'
import { ApiError } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { scriptAddress } from './commands.ts'
import type { System } from './connect-search.ts'

interface Script {
  readonly text: string
  /** Absent on a page without TLS, where browsers compute none. */
  readonly sha256: string | undefined
}

const scriptQuery = (address: string) =>
  queryOptions({
    queryKey: ['script', address],
    queryFn: async ({ signal }): Promise<Script> => {
      const answer = await fetch(address, { signal }).catch(() => undefined)
      if (answer?.ok !== true) throw new ApiError('The script could not be loaded.', answer?.status ?? 0)
      const text = await answer.text()
      return { text, sha256: await hashOf(text) }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

async function hashOf(text: string): Promise<string | undefined> {
  if (!isSecureContext) return undefined
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function ReadScript({ system, onClose }: { readonly system: System; readonly onClose: () => void }) {
  const { data, error, refetch } = useQuery(scriptQuery(scriptAddress(system)))
  return (
    <Dialog
      title="The setup script"
      description="What the command runs. It is the same for everybody; the token comes in from the command line."
      size="wide"
      onClose={onClose}
      foot={<Button onPress={onClose}>Close</Button>}
    >
      {error !== null && (
        <Notice kind="danger" action={<Button onPress={() => void refetch()}>Try again</Button>}>
          {error.message}
        </Notice>
      )}
      {data === undefined && error === null && <Skeleton height="20rem" />}
      {data !== undefined && (
        <>
          {data.sha256 !== undefined && (
            <p className="quiet">
              SHA-256 <code>{data.sha256}</code>
            </p>
          )}
          <Command text={data.text} label="Script" />
        </>
      )}
    </Dialog>
  )
}
