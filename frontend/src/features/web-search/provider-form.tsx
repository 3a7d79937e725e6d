import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, fieldOf } from '../../api/client.ts'
import { readWebSearchAnew } from '../../api/web-search-queries.ts'
import type { OwnProvider, OwnWish, ProviderType, TestWish } from '../../api/web-search-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { useWrongField } from '../../ui/use-wrong-field.ts'
import { changesIn, enteredOf, type Wrong, wrongIn } from './entered.ts'
import { ProviderFields } from './provider-fields.tsx'
import { TestResult } from './test-result.tsx'
import styles from './web-search.module.css'
import { PROVIDERS } from './words.ts'

interface ProviderFormProps {
  readonly type: ProviderType
  readonly stored: OwnProvider | undefined
  readonly onClose: () => void
}

/** The gateway's word on a field, at that field. */
export function refusedField(error: Error | null, place = ''): Wrong | undefined {
  const refused = error instanceof ApiError ? fieldOf(error) : undefined
  const field = refused?.field.startsWith(place) === true ? refused.field.slice(place.length) : undefined
  const isShown =
    field === 'api_key' || field === 'api_url' || field === 'max_results' || field === 'price_per_1000_usd'
  return refused !== undefined && isShown ? { [field]: refused.message } : undefined
}

function useProvider({ type, stored, onClose }: ProviderFormProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const [entered, setEntered] = useState(() => enteredOf(stored))
  const [found, setFound] = useState<Wrong>({})
  const save = useMutation({
    mutationFn: (body: OwnWish) => call('PUT /admin/search-providers', { body }),
    onSuccess: async ({ provider }) => {
      tell('ok', `${PROVIDERS[type].name} is saved`, provider.enabled ? 'Your searches go through it.' : '')
      onClose()
      await readWebSearchAnew(queries)
    },
  })
  const test = useMutation({ mutationFn: (body: TestWish) => call('POST /admin/search-providers/test', { body }) })
  /** Only what is whole is sent. */
  const withChanges = (go: (body: OwnWish) => void) => (): void => {
    const wrong = wrongIn(type, entered, stored)
    setFound(wrong)
    save.reset()
    test.reset()
    if (Object.keys(wrong).length === 0) go({ provider_type: type, ...changesIn(type, entered, stored) })
  }
  return {
    entered,
    setEntered,
    save,
    test,
    found,
    wrong: { ...refusedField(save.error ?? test.error), ...found },
    submit: withChanges((body) => save.mutate(body)),
    tryOut: withChanges((body) => test.mutate({ ...body, use_stored_key: stored !== undefined })),
  }
}

export function ProviderForm(props: ProviderFormProps) {
  const { type, stored, onClose } = props
  const { name, site } = PROVIDERS[type]
  const { entered, setEntered, save, test, found, wrong, submit, tryOut } = useProvider(props)
  const form = useWrongField(found, save.error ?? test.error)
  const isElsewhere = save.error !== null && refusedField(save.error) === undefined
  return (
    <Dialog
      title={stored === undefined ? `Set up ${name}` : `Edit ${name}`}
      description={PROVIDERS[type].text}
      size="roomy"
      onClose={onClose}
      foot={
        <>
          <span className={styles.first}>
            <Button isDisabled={test.isPending} onPress={tryOut}>
              {test.isPending ? 'Testing…' : 'Test'}
            </Button>
          </span>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="provider" isDisabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id="provider"
        ref={form}
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        noValidate
      >
        {isElsewhere && (
          <Notice kind="danger" title="It was not saved">
            {save.error?.message}
          </Notice>
        )}
        <ProviderFields type={type} stored={stored} entered={entered} wrong={wrong} onChange={setEntered} />
        {site !== undefined && (
          <p>
            <a className="link" href={site.url} target="_blank" rel="noopener noreferrer">
              {site.text}
            </a>
          </p>
        )}
        <TestResult test={test.data} error={refusedField(test.error) === undefined ? test.error : null} />
      </form>
    </Dialog>
  )
}
