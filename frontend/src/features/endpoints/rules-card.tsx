import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call } from '../../api/client.ts'
import { translationRulesQuery } from '../../api/endpoint-queries.ts'
import type { EffectiveRules } from '../../api/endpoint-types.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Command } from '../../ui/command.tsx'
import { Details } from '../../ui/details.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { Time } from '../../ui/time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import styles from './rules-card.module.css'

const written = ({ rules }: EffectiveRules): string => JSON.stringify(rules, null, 2)

/** For the day on which a new client sends what Bedrock does not take yet. */
export function RulesCard() {
  const { data, error, refetch } = useQuery(translationRulesQuery)
  const [open, setOpen] = useState<'edit' | 'reset'>()
  if (data === undefined) {
    return (
      <Card title="Advanced: translation rules">
        {error === null ? (
          <Skeleton height="3rem" />
        ) : (
          <Notice
            kind="danger"
            title="The rules could not be loaded"
            action={<Button onPress={() => void refetch()}>Try again</Button>}
          >
            {error.message}
          </Notice>
        )}
      </Card>
    )
  }
  return (
    <Card
      title="Advanced: translation rules"
      flush
      aside={
        <span className={styles.acts}>
          {!data.built_in && <Button onPress={() => setOpen('reset')}>Reset…</Button>}
          <Button onPress={() => setOpen('edit')}>Edit…</Button>
        </span>
      }
    >
      <div className={styles.about}>
        <p>
          What is changed in a request before Bedrock gets it: which beta flags pass, which members a model does not
          take. <Whose rules={data} />
        </p>
      </div>
      <Details title="Show the rules" hint="JSON">
        <Command text={written(data)} label="Translation rules" />
      </Details>
      {open === 'edit' && <EditRules rules={data} onClose={() => setOpen(undefined)} />}
      {open === 'reset' && <ResetRules onClose={() => setOpen(undefined)} />}
    </Card>
  )
}

function Whose({ rules: { built_in, set_at, set_by } }: { readonly rules: EffectiveRules }) {
  const now = useNow()
  if (built_in) return <>They are the built-in ones, which come with the gateway and are renewed with it.</>
  return (
    <>
      They were set by <b dir="auto">{set_by ?? 'somebody'}</b>
      {set_at !== null && (
        <>
          {' '}
          <Time iso={set_at} text={relative(set_at, now)} full={fullTime(set_at)} />
        </>
      )}
      , and stay as they are when the gateway is renewed.
    </>
  )
}

interface EditRulesProps {
  readonly rules: EffectiveRules
  readonly onClose: () => void
}

function EditRules({ rules, onClose }: EditRulesProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const [text, setText] = useState(() => written(rules))
  const [malformed, setMalformed] = useState<string>()
  const [asks, setAsks] = useState(false)
  const save = useMutation({
    mutationFn: (next: EffectiveRules['rules']) =>
      call('PUT /admin/bedrock/rules', { body: { rules: next, rev: rules.rev } }),
    onSuccess: (saved) => {
      queries.setQueryData(translationRulesQuery.queryKey, saved)
      tell('ok', 'The translation rules are saved', 'They hold from the next request on.')
      onClose()
    },
  })
  const submit = (): void => {
    try {
      const parsed = JSON.parse(text) as EffectiveRules['rules']
      setMalformed(undefined)
      save.mutate(parsed)
    } catch (thrown) {
      setMalformed(`This is not JSON: ${(thrown as Error).message}`)
    }
  }
  const leave = (): void => (text === written(rules) || asks ? onClose() : setAsks(true))
  const isConflict = save.error instanceof ApiError && save.error.status === 409
  return (
    <Dialog
      title="Edit translation rules"
      description="They hold for every endpoint. A rule that is wrong can make Bedrock refuse requests."
      size="wide"
      onClose={leave}
      foot={
        <>
          {asks && (
            <span className={styles.asks} role="alert">
              Discard what you typed?
            </span>
          )}
          <Button onPress={leave}>{asks ? 'Discard' : 'Cancel'}</Button>
          <Button kind="primary" isPending={save.isPending} onPress={submit}>
            {save.isPending ? 'Saving…' : 'Save rules'}
          </Button>
        </>
      }
    >
      {isConflict && (
        <Notice kind="warn" title="Somebody else changed the rules meanwhile">
          Nothing was saved. Copy what you typed, close this and begin from theirs.
        </Notice>
      )}
      <TextArea
        label="Rules as JSON"
        rows={22}
        value={text}
        onChange={(typed) => {
          setText(typed)
          setAsks(false)
          setMalformed(undefined)
        }}
        error={malformed ?? (isConflict ? undefined : save.error?.message)}
      />
    </Dialog>
  )
}

function ResetRules({ onClose }: Pick<EditRulesProps, 'onClose'>) {
  const queries = useQueryClient()
  const tell = useToast()
  const reset = useMutation({
    mutationFn: () => call('DELETE /admin/bedrock/rules'),
    onSuccess: (rules) => {
      queries.setQueryData(translationRulesQuery.queryKey, rules)
      tell('ok', 'The built-in rules hold again')
      onClose()
    },
  })
  return (
    <Dialog
      title="Go back to the built-in rules?"
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep these rules
          </Button>
          <Button kind="danger" isPending={reset.isPending} onPress={() => reset.mutate()}>
            {reset.isPending ? 'Resetting…' : 'Reset rules'}
          </Button>
        </>
      }
    >
      <p>The rules that were set are lost. The built-in ones hold from the next request on, for every endpoint.</p>
      {reset.error !== null && (
        <Notice kind="danger" title="The rules were not reset">
          {reset.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
