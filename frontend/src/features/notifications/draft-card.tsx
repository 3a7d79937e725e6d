import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type AnswerOf, call, type Wish } from '../../api/client.ts'
import { type Destination, readNotificationsAnew } from '../../api/notification-queries.ts'
import { relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Step, Steps } from '../../ui/steps.tsx'
import { useToast } from '../../ui/toasts.tsx'
import styles from './notifications.module.css'
import { CATEGORIES, eventName, TYPES } from './words.ts'

interface DraftCardProps {
  readonly draft: Destination | null
  readonly active: Destination | null
  readonly onEdit: () => void
}

/** From a draft to the active destination, in three steps of which each shows how it stands. */
export function DraftCard({ draft, active, onEdit }: DraftCardProps) {
  return (
    <Card
      title="Next destination"
      aside={draft === null ? undefined : `Revision ${draft.rev}`}
      {...(draft !== null && { foot: <Foot onEdit={onEdit} /> })}
    >
      <Steps>
        <DraftStep draft={draft} active={active} onEdit={onEdit} />
        <TestStep draft={draft} />
        <ActivateStep draft={draft} active={active} />
      </Steps>
    </Card>
  )
}

function DraftStep({ draft, active, onEdit }: DraftCardProps) {
  if (draft === null) {
    return (
      <Step
        title="Draft"
        state="next"
        text={
          active === null
            ? 'Say where notifications are to go.'
            : 'A change is drafted and tested first. What is active stays until then.'
        }
        actions={active !== null && <Button onPress={onEdit}>Draft a change…</Button>}
      />
    )
  }
  const categories = CATEGORIES.filter(({ id }) => draft.event_categories.includes(id)).map(({ name }) => name)
  return (
    <Step
      title="Draft"
      state="done"
      text={
        <>
          {TYPES[draft.destination_type].name}, {categories.join(' and ').toLowerCase()}
          <br />
          <code>{draft.destination_value}</code>
        </>
      }
    />
  )
}

type Tested = AnswerOf<'POST /admin/notifications/test'>
type TestedType = NonNullable<NonNullable<Wish<'POST /admin/notifications/test'>['query']>['event_type']>

const TESTED: readonly TestedType[] = [
  'budget_warning',
  'budget_shaped',
  'budget_blocked',
  'team_budget_warning',
  'key_budget_warning',
  'rate_limit_hit',
]

function TestStep({ draft }: { readonly draft: Destination | null }) {
  const queries = useQueryClient()
  const tell = useToast()
  const [type, setType] = useState<TestedType>('budget_warning')
  const test = useMutation({
    mutationFn: (rev: number) => call('POST /admin/notifications/test', { query: { rev, event_type: type } }),
    onSuccess: ({ success, duration_ms, recorded }) => {
      if (!recorded) tell('danger', 'The draft was changed meanwhile', 'Test it as it is now.')
      else if (success) tell('ok', `Test passed in ${duration_ms} ms`)
    },
    onError: (error) => tell('danger', 'Nothing was tested', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
  if (draft === null) return <Step title="Test" state="waiting" text="One event that did not happen is sent." />
  const passed = draft.last_test_success
  return (
    <Step
      title="Test"
      state={passed === null ? 'next' : passed ? 'done' : 'failed'}
      text={<TestSaid draft={draft} last={test.data} />}
      actions={
        <>
          <div className={styles.choice}>
            <Choice label="Event to send" value={type} onChange={(event) => setType(event.target.value as TestedType)}>
              {TESTED.map((one) => (
                <option key={one} value={one}>
                  {eventName(one)}
                </option>
              ))}
            </Choice>
          </div>
          <div className={styles.press}>
            <Button
              kind={passed === true ? 'secondary' : 'primary'}
              isDisabled={test.isPending}
              onPress={() => test.mutate(draft.rev)}
            >
              {test.isPending ? 'Testing…' : passed === null ? 'Send test' : 'Test again'}
            </Button>
          </div>
        </>
      }
    />
  )
}

function TestSaid({ draft, last }: { readonly draft: Destination; readonly last: Tested | undefined }) {
  const now = useNow()
  const at = draft.last_tested_at
  if (at === null) return 'What is saved is tested: one event that did not happen is sent.'
  const took = last?.rev === draft.rev && last.recorded ? ` in ${last.duration_ms} ms` : ''
  if (draft.last_test_success === true) return `Passed ${relative(at, now)}${took}.`
  return (
    <Notice kind="danger" title={`Failed ${relative(at, now)}${took}`}>
      {draft.last_test_error}
    </Notice>
  )
}

function ActivateStep({ draft, active }: Pick<DraftCardProps, 'draft' | 'active'>) {
  const queries = useQueryClient()
  const tell = useToast()
  const activate = useMutation({
    mutationFn: (rev: number) => call('POST /admin/notifications/activate', { query: { rev } }),
    onSuccess: ({ destination_type }) => tell('ok', `The ${TYPES[destination_type].name} is active`),
    onError: (error) => tell('danger', 'It was not activated', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
  const isReady = draft?.last_test_success === true
  const said = active === null ? 'New events go there from then on.' : 'It takes the place of what is active now.'
  return (
    <Step
      title="Activate"
      state={isReady ? 'next' : 'waiting'}
      text={said}
      actions={
        draft !== null && (
          <Button
            kind={isReady ? 'primary' : 'secondary'}
            isDisabled={!isReady || activate.isPending}
            onPress={() => activate.mutate(draft.rev)}
          >
            {activate.isPending ? 'Activating…' : 'Activate'}
          </Button>
        )
      }
    />
  )
}

function Foot({ onEdit }: { readonly onEdit: () => void }) {
  const queries = useQueryClient()
  const tell = useToast()
  const discard = useMutation({
    mutationFn: () => call('DELETE /admin/notifications/draft'),
    onSuccess: () => tell('ok', 'The draft is discarded'),
    onError: (error) => tell('danger', 'The draft is still there', error.message),
    onSettled: () => readNotificationsAnew(queries),
  })
  return (
    <div className={styles.foot}>
      <Button onPress={onEdit}>Edit draft…</Button>
      <span className={styles.last}>
        <Button kind="ghost" isDisabled={discard.isPending} onPress={() => discard.mutate()}>
          Discard draft
        </Button>
      </span>
    </div>
  )
}
