import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type AnswerOf, ApiError, call, fieldOf, type Wish } from '../../api/client.ts'
import {
  type Category,
  type DestinationType,
  type Notifications,
  type Publisher,
  readNotificationsAnew,
} from '../../api/notification-queries.ts'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { Tick } from '../../ui/tick.tsx'
import styles from './notifications.module.css'
import { StoreSecret } from './store-secret.tsx'
import { accountOf, exampleArn, isTarget, type TargetType, targetPolicy } from './target-policy.ts'
import { CATEGORIES, TYPES } from './words.ts'

type Saved = AnswerOf<'PUT /admin/notifications/config'>
type Body = NonNullable<Wish<'PUT /admin/notifications/config'>['body']>

interface DraftFormProps {
  readonly config: Notifications
  readonly onClose: () => void
}

/** A new signing secret lives in this component's state, and goes with it. */
export function DraftForm({ config, onClose }: DraftFormProps) {
  const [secret, setSecret] = useState<string>()
  if (secret !== undefined) return <StoreSecret secret={secret} onClose={onClose} />
  return (
    <Form
      config={config}
      onClose={onClose}
      onSaved={(saved) => {
        if (saved.signing_secret === null) onClose()
        else setSecret(saved.signing_secret)
      }}
    />
  )
}

interface FormProps extends DraftFormProps {
  readonly onSaved: (saved: Saved) => void
}

const VALUE_ERRORS: Readonly<Record<DestinationType, string>> = {
  webhook: 'Enter an address that begins with https://.',
  sns: 'Enter the ARN of a topic.',
  eventbridge: 'Enter the ARN of an event bus.',
}

function useDraft({ draft, active }: Notifications, onSaved: FormProps['onSaved']) {
  const queries = useQueryClient()
  const before = draft ?? active
  const [type, setType] = useState<DestinationType>(before?.destination_type ?? 'webhook')
  const [values, setValues] = useState<Partial<Record<DestinationType, string>>>({})
  const [categories, setCategories] = useState<readonly Category[]>(before?.event_categories ?? ['budget'])
  const [rotates, setRotates] = useState(false)
  const [missing, setMissing] = useState<string>()
  // As it was when the form was opened: what somebody else saves meanwhile is not overwritten.
  const [rev] = useState(draft?.rev ?? 0)
  const save = useMutation({
    mutationFn: (body: Body) => call('PUT /admin/notifications/config', { body }),
    onSuccess: async (saved) => {
      onSaved(saved)
      await readNotificationsAnew(queries)
    },
  })
  /** What is taken where nothing else is said. */
  const known = [draft, active].find((one) => one?.destination_type === type) ?? null
  const value = values[type] ?? (type === 'webhook' ? '' : (known?.destination_value ?? ''))
  const submit = (): void => {
    const isMissing = value.trim() === '' && known === null
    setMissing(isMissing ? VALUE_ERRORS[type] : undefined)
    if (isMissing || categories.length === 0) return
    save.mutate({
      destination_type: type,
      ...(value.trim() !== '' && { destination_value: value.trim() }),
      event_categories: [...categories],
      ...(rotates && { rotate_secret: true }),
      rev,
    })
  }
  const choose = (chosen: DestinationType): void => {
    setType(chosen)
    setMissing(undefined)
    save.reset()
  }
  const enter = (text: string): void => setValues({ ...values, [type]: text })
  return { type, choose, value, enter, known, categories, setCategories, rotates, setRotates, missing, save, submit }
}

function Form({ config, onClose, onSaved }: FormProps) {
  const form = useDraft(config, onSaved)
  const { type, value, known, save } = form
  const refused = save.error instanceof ApiError ? fieldOf(save.error) : undefined
  const isOfValue = refused?.field === 'destination_value'
  return (
    <Dialog
      title={config.draft === null ? 'Draft a destination' : 'Edit the draft'}
      description="It is tested before it is used. What is active stays as it is until then."
      size="wide"
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="destination" isDisabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save draft'}
          </Button>
        </>
      }
    >
      <form
        id="destination"
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault()
          form.submit()
        }}
        noValidate
      >
        {save.error !== null && !isOfValue && (
          <Notice kind="danger" title="The draft was not saved">
            {save.error.message}
          </Notice>
        )}
        <RadioCards label="Type" value={type} onChange={form.choose} options={TYPE_OPTIONS} />
        <ValueField
          type={type}
          value={value}
          shown={known?.destination_value}
          publisher={config.publisher}
          error={form.missing ?? (isOfValue ? refused.message : undefined)}
          onChange={form.enter}
        />
        {type === 'webhook' && known !== null && (
          <Tick label="Make a new signing secret" checked={form.rotates} onChange={form.setRotates} />
        )}
        <CategoryTicks chosen={form.categories} onChange={form.setCategories} />
        {isTarget(type) && <Policy type={type} arn={value} publisher={config.publisher} />}
      </form>
    </Dialog>
  )
}

const TYPE_OPTIONS = (Object.keys(TYPES) as DestinationType[]).map((value) => ({
  value,
  title: TYPES[value].name,
  text: TYPES[value].text,
}))

interface ValueFieldProps {
  readonly type: DestinationType
  readonly value: string
  /** What there is, as far as it may be shown. */
  readonly shown: string | undefined
  readonly publisher: Publisher
  readonly error: string | undefined
  readonly onChange: (text: string) => void
}

const LABELS: Readonly<Record<DestinationType, string>> = {
  webhook: 'Webhook URL',
  sns: 'SNS topic ARN',
  eventbridge: 'Event bus ARN',
}

function ValueField({ type, value, shown, publisher, error, onChange }: ValueFieldProps) {
  const field = {
    label: LABELS[type],
    name: 'destination_value',
    value,
    autoComplete: 'off',
    spellCheck: false,
    error,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  if (isTarget(type)) return <Field {...field} required placeholder={exampleArn(type, publisher)} />
  const help =
    shown === undefined
      ? 'Its path is often all that protects it, so it is not shown again once it is saved.'
      : `Empty: it stays as it is, ${shown}`
  return (
    <Field
      {...field}
      type="url"
      required={shown === undefined}
      placeholder="https://hooks.example.com/claude"
      help={help}
    />
  )
}

interface CategoryTicksProps {
  readonly chosen: readonly Category[]
  readonly onChange: (chosen: readonly Category[]) => void
}

function CategoryTicks({ chosen, onChange }: CategoryTicksProps) {
  return (
    <fieldset className={styles.categories}>
      <legend className={styles.legend}>Tell of</legend>
      {CATEGORIES.map(({ id, name }) => (
        <Tick
          key={id}
          label={name}
          checked={chosen.includes(id)}
          onChange={(isOn) => onChange(isOn ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
      ))}
      {chosen.length === 0 && <p className={styles.wrong}>Choose at least one.</p>}
    </fieldset>
  )
}

interface PolicyProps {
  readonly type: TargetType
  readonly arn: string
  readonly publisher: Publisher
}

function Policy({ type, arn, publisher }: PolicyProps) {
  const account = accountOf(arn)
  const isForeign = account !== undefined && account !== publisher.account_id
  const what = type === 'sns' ? 'topic' : 'bus'
  return (
    <>
      {isForeign ? (
        <Notice kind="warn" title={`This ${what} is of another account`}>
          It needs the policy below, and this gateway has to be deployed with <code>notificationTargets</code> naming
          it.
        </Notice>
      ) : (
        <p className="quiet">
          A {what} of this gateway’s own account ({publisher.account_id}) needs no policy, unless it has one that keeps
          others out. It would be this:
        </p>
      )}
      <Command text={targetPolicy(type, arn, publisher)} label={`Policy of the ${what}`} />
    </>
  )
}
