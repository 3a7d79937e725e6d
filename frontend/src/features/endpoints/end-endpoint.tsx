import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { betaOverridesQuery, endpointQuery, endpointsQuery, readEndpointsAnew } from '../../api/endpoint-queries.ts'
import type { Endpoint } from '../../api/endpoint-types.ts'
import { teamsQuery } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { defaulted, effectOfDefault, effectOfDelete, effectOfDisable } from './endpoint-effects.ts'

export type Act = 'default' | 'disable' | 'delete'

/** What is to happen to which endpoint, once it has been confirmed. */
export interface Acting {
  readonly of: Endpoint
  readonly how: Act
}

interface ActingProps extends Acting {
  readonly onClose: () => void
  readonly onDone?: (() => void) | undefined
}

export function ActOnEndpoint(props: ActingProps) {
  const { of: endpoint, how } = props
  const others = (useQuery(endpointsQuery).data?.endpoints.length ?? 0) - 1
  return endpoint.is_default && how !== 'default' && others > 0 ? <Refused {...props} /> : <Confirm {...props} />
}

/** The gateway would say no: every team without a list of its own would be left with nothing. */
function Refused({ of: { name }, how, onClose }: ActingProps) {
  return (
    <Dialog
      title={`${name} is the default endpoint`}
      alert
      onClose={onClose}
      foot={
        <Button autoFocus onPress={onClose}>
          Close
        </Button>
      }
    >
      <p>
        Everybody without endpoints of their own goes by it, so it cannot be {how === 'delete' ? 'deleted' : 'disabled'}
        . Make another endpoint the default first, by “Make default” in its menu.
      </p>
    </Dialog>
  )
}

const VERBS: Readonly<Record<Act, { verb: string; doing: string; keep: string; failed: string }>> = {
  default: { verb: 'Make default', doing: 'Changing…', keep: 'Keep as it is', failed: 'The default was not changed' },
  disable: { verb: 'Disable endpoint', doing: 'Disabling…', keep: 'Keep enabled', failed: 'It was not disabled' },
  delete: { verb: 'Delete endpoint', doing: 'Deleting…', keep: 'Keep endpoint', failed: 'It was not deleted' },
}

const DONE: Readonly<Record<Act, string>> = { default: 'the default', disable: 'disabled', delete: 'deleted' }

function Confirm({ of: endpoint, how, onClose, onDone }: ActingProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const effect = useWords(endpoint, how)
  const words = VERBS[how]
  const { id, name } = endpoint
  const act = useMutation({
    mutationFn: (): Promise<unknown> => send(id, how),
    onSuccess: async () => {
      tell('ok', `${name} is ${DONE[how]}`)
      onClose()
      onDone?.()
      if (how === 'delete') queries.removeQueries({ queryKey: endpointQuery(id).queryKey })
      await readEndpointsAnew(queries)
    },
  })
  const title = how === 'default' ? `Make ${name} the default?` : `${how === 'delete' ? 'Delete' : 'Disable'} ${name}?`
  return (
    <Dialog
      title={title}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            {words.keep}
          </Button>
          <Button
            kind={how === 'default' ? 'primary' : 'danger'}
            isPending={act.isPending}
            onPress={() => act.mutate()}
          >
            {act.isPending ? words.doing : words.verb}
          </Button>
        </>
      }
    >
      <p dir="auto">{effect}</p>
      {act.error !== null && (
        <Notice kind="danger" title={words.failed}>
          {act.error.message}
        </Notice>
      )}
    </Dialog>
  )
}

function send(id: string, how: Act): Promise<unknown> {
  const params = { id }
  if (how === 'default') return call('PUT /admin/endpoints/{id}/default', { params })
  if (how === 'delete') return call('DELETE /admin/endpoints/{id}', { params })
  return call('PATCH /admin/endpoints/{id}', { params, body: { enabled: false } })
}

/** Whom it concerns, in numbers, as far as they have been read. */
function useWords(endpoint: Endpoint, how: Act): string {
  const all = useQuery(endpointsQuery).data?.endpoints ?? []
  const teams = useQuery(teamsQuery).data?.teams ?? []
  const isDelete = how === 'delete'
  const aips = useQuery({ ...endpointQuery(endpoint.id), enabled: isDelete }).data?.aip_overrides.length ?? 0
  const { data: betas } = useQuery({ ...betaOverridesQuery, enabled: isDelete })
  if (how === 'default') return effectOfDefault(all, defaulted(teams, all).length)
  if (!isDelete) return effectOfDisable(endpoint, all)
  const mine = betas?.overrides.filter(({ endpoint_id }) => endpoint_id === endpoint.id).length ?? 0
  return effectOfDelete(endpoint, all, { profiles: aips, betas: mine })
}
