import type { UseMutationResult } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, fieldOf } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import styles from './key-form.module.css'
import type { Preparation, Prepared } from './prepared.ts'

interface KeyFormProps {
  readonly suggestedName: string
  readonly prepare: UseMutationResult<Prepared, Error, Preparation>
  /** What comes of it: `Make the command`. */
  readonly verb: string
}

/** Which key: a new one, or one that the person has. */
export function KeyForm({ suggestedName, prepare, verb }: KeyFormProps) {
  const [by, setBy] = useState<'name' | 'key'>('name')
  const [missing, setMissing] = useState<string>()
  const refused = prepare.error instanceof ApiError ? fieldOf(prepare.error) : undefined
  const fieldError =
    refused?.field === by || (by === 'key' && refused?.field === 'raw_key') ? refused.message : undefined
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get(by)).trim()
    setMissing(text === '' ? (by === 'name' ? 'Enter a name in up to 100 characters.' : 'Paste the key.') : undefined)
    if (text !== '') prepare.mutate(by === 'name' ? { by, name: text } : { by, raw: text })
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Segmented
        label="Key"
        value={by}
        onChange={(chosen) => {
          setBy(chosen)
          setMissing(undefined)
          prepare.reset()
        }}
        options={[
          { value: 'name', text: 'A new key' },
          { value: 'key', text: 'A key I have' },
        ]}
      />
      {prepare.error !== null && fieldError === undefined && (
        <Notice kind="danger" title="There is no command yet">
          {prepare.error.message}
        </Notice>
      )}
      <div className={styles.line}>
        {by === 'name' ? (
          <Field
            key="name"
            label="Name of the key"
            name="name"
            required
            defaultValue={suggestedName}
            maxLength={100}
            autoComplete="off"
            dir="auto"
            error={missing ?? fieldError}
          />
        ) : (
          <Field
            key="key"
            label="Virtual key"
            name="key"
            type="password"
            required
            autoFocus
            autoComplete="off"
            spellCheck={false}
            placeholder="sk-proxy-…"
            error={missing ?? fieldError}
          />
        )}
        <Button type="submit" kind="primary" isDisabled={prepare.isPending}>
          {prepare.isPending ? 'One moment…' : verb}
        </Button>
      </div>
    </form>
  )
}
