import type { UseMutationResult } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, fieldOf } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'

interface TeamNameDialogProps {
  readonly title: string
  readonly description?: string
  /** On the button: at rest, and while it is done. */
  readonly verb: string
  readonly doing: string
  /** Above what was refused for another reason than the name. */
  readonly failure: string
  readonly before?: string
  readonly placeholder?: string
  readonly help: string
  /** Takes the name. */
  readonly change: Pick<UseMutationResult<unknown, Error, string>, 'mutate' | 'error' | 'isPending'>
  readonly onClose: () => void
}

/** Asks for the name of a team. */
export function TeamNameDialog({
  title,
  description,
  verb,
  doing,
  failure,
  before,
  placeholder,
  help,
  change: { mutate, error, isPending },
  onClose,
}: TeamNameDialogProps) {
  const [missing, setMissing] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name')).trim()
    setMissing(name === '' ? 'Enter a name in up to 100 characters.' : undefined)
    if (name !== '') mutate(name)
  }
  const refused = error instanceof ApiError ? fieldOf(error) : undefined
  return (
    <Dialog
      title={title}
      description={description}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="team-name" isPending={isPending}>
            {isPending ? doing : verb}
          </Button>
        </>
      }
    >
      <form id="team-name" onSubmit={submit} noValidate>
        {error !== null && refused?.field !== 'name' && (
          <Notice kind="danger" title={failure}>
            {error.message}
          </Notice>
        )}
        <Field
          label="Name"
          name="name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          dir="auto"
          defaultValue={before}
          placeholder={placeholder}
          help={help}
          error={missing ?? (refused?.field === 'name' ? refused.message : undefined)}
        />
      </form>
    </Dialog>
  )
}
