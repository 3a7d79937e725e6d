import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call } from '../../api/client.ts'
import { readEndpointsAnew, teamRoutingQuery } from '../../api/endpoint-queries.ts'
import type { Endpoint, TeamRouting } from '../../api/endpoint-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toasts.tsx'
import styles from './routing-dialog.module.css'
import {
  isSame,
  mergedRouting,
  type RoutingDraft,
  routingBody,
  routingOf,
  STRATEGIES,
  type Strategy,
} from './routing-draft.ts'
import { RoutingOptions } from './routing-options.tsx'
import { RoutingOrder } from './routing-order.tsx'

interface RoutingDialogProps {
  readonly team: { readonly id: string; readonly name: string }
  readonly endpoints: readonly Endpoint[]
  readonly onClose: () => void
}

/** Nothing can be saved over a routing that was never seen. */
export function RoutingDialog(props: RoutingDialogProps) {
  const { team, onClose } = props
  const { data, error, refetch } = useQuery(teamRoutingQuery(team.id))
  if (data !== undefined) return <RoutingForm {...props} routing={data} />
  return (
    <Dialog
      title={`Routing of ${team.name}`}
      size="roomy"
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled>
            Save
          </Button>
        </>
      }
    >
      {error === null ? (
        <Skeleton height="18rem" />
      ) : (
        <Notice
          kind="danger"
          title="The routing could not be loaded"
          action={<Button onPress={() => void refetch()}>Try again</Button>}
        >
          {error.message} Nothing can be saved until it is; requests go on as before.
        </Notice>
      )}
    </Dialog>
  )
}

const STRATEGY_CARDS = (Object.keys(STRATEGIES) as Strategy[]).map((value) => ({ value, ...STRATEGIES[value] }))

function RoutingForm({ team, endpoints, onClose, routing }: RoutingDialogProps & { readonly routing: TeamRouting }) {
  const form = useRouting(team, routing, onClose)
  const { draft, set, save, theirs } = form
  const [isLeaving, setLeaving] = useState(false)
  const leave = (): void => (form.isDirty && !isLeaving ? setLeaving(true) : onClose())
  return (
    <Dialog
      title={`Routing of ${team.name}`}
      description="By which endpoints the requests of the team go, from the next one on."
      size="roomy"
      onClose={leave}
      foot={
        <>
          {isLeaving && (
            <span className={styles.asks} role="alert">
              Discard the changes?
            </span>
          )}
          <Button onPress={leave}>{isLeaving ? 'Discard' : 'Cancel'}</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={theirs !== undefined}
            onPress={() => save.mutate()}
          >
            {save.isPending ? 'Saving…' : 'Save'}
          </Button>
        </>
      }
    >
      <Trouble form={form} />
      <RadioCards
        label="Strategy"
        value={draft.strategy}
        onChange={(strategy) => set({ strategy })}
        options={STRATEGY_CARDS}
      />
      <RoutingOrder list={draft} endpoints={endpoints} onChange={set} />
      <RoutingOptions options={draft.bedrock} onChange={(bedrock) => set({ bedrock })} error={save.error} />
    </Dialog>
  )
}

function useRouting(team: RoutingDialogProps['team'], read: TeamRouting, onClose: () => void) {
  const queries = useQueryClient()
  const tell = useToast()
  const [base, setBase] = useState(() => routingOf(read))
  const [rev, setRev] = useState(read.rev)
  const [draft, setDraft] = useState(base)
  const [theirs, setTheirs] = useState<TeamRouting>()
  const params = { id: team.id }
  const save = useMutation({
    mutationFn: () => call('PUT /admin/teams/{id}/endpoints', { params, body: routingBody(base, draft, rev) }),
    onSuccess: async () => {
      tell('ok', `The routing of ${team.name} is saved`, 'It holds from the next request on.')
      onClose()
      await readEndpointsAnew(queries)
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.status !== 409) return
      const found = await call('GET /admin/teams/{id}/endpoints', { params }).catch(() => undefined)
      if (found !== undefined && found.rev !== rev) setTheirs(found)
    },
  })
  return {
    draft,
    isDirty: !isSame(base, draft),
    set: (change: Partial<RoutingDraft>): void => setDraft((before) => ({ ...before, ...change })),
    save,
    theirs,
    takeTheirs(): void {
      if (theirs === undefined) return
      const next = routingOf(theirs)
      setDraft(mergedRouting(base, draft, next))
      setBase(next)
      setRev(theirs.rev)
      setTheirs(undefined)
      save.reset()
    },
  }
}

function Trouble({ form: { theirs, takeTheirs, save } }: { readonly form: ReturnType<typeof useRouting> }) {
  if (theirs !== undefined) {
    return (
      <Notice
        kind="warn"
        title="Somebody else changed this routing meanwhile"
        action={
          <Button autoFocus onPress={takeTheirs}>
            Load theirs, keep what I changed
          </Button>
        }
      >
        Nothing was saved. Theirs: {STRATEGIES[theirs.routing_strategy].title.toLowerCase()},{' '}
        {theirs.endpoints.length === 0
          ? 'by the default endpoint'
          : theirs.endpoints.map(({ name }) => name).join(', then ')}
        .
      </Notice>
    )
  }
  if (save.error === null || /^(?:bedrock\.)?(?:guardrail|service|latency)/.test(save.error.message)) return null
  return (
    <Notice kind="danger" title="Nothing was saved">
      {save.error.message}
    </Notice>
  )
}
