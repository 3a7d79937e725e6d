import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { readWebSearchAnew } from '../../api/web-search-queries.ts'
import type { OwnProvider, ProviderType } from '../../api/web-search-types.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { State } from '../../ui/state.tsx'
import { Time } from '../../ui/time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { ProviderForm } from './provider-form.tsx'
import { RemoveProvider } from './remove-provider.tsx'
import { TestResult } from './test-result.tsx'
import styles from './web-search.module.css'
import { PROVIDERS } from './words.ts'

interface ProviderCardProps {
  readonly type: ProviderType
  readonly stored: OwnProvider | undefined
  /** Nothing of it counts at the moment. */
  readonly readOnly: boolean
}

export function ProviderCard({ type, stored, readOnly }: ProviderCardProps) {
  const [open, setOpen] = useState<'form' | 'removal'>()
  const { name, text } = PROVIDERS[type]
  const test = useMutation({
    mutationFn: () =>
      call('POST /admin/search-providers/test', {
        body: { provider_type: type, max_results: 3, use_stored_key: stored !== undefined },
      }),
  })
  const close = (): void => setOpen(undefined)
  return (
    <div className={stored?.enabled === true && !readOnly ? styles.active : styles.provider}>
      <Card
        title={name}
        aside={<Standing stored={stored} readOnly={readOnly} />}
        {...(!readOnly && {
          foot: (
            <Acts
              type={type}
              stored={stored}
              test={test}
              onEdit={() => setOpen('form')}
              onRemove={() => setOpen('removal')}
            />
          ),
        })}
      >
        <div className={styles.stack}>
          <p className="quiet">{text}</p>
          {stored !== undefined && <Known stored={stored} />}
          <TestResult test={test.data} error={test.error} />
        </div>
      </Card>
      {open === 'form' && <ProviderForm type={type} stored={stored} onClose={close} />}
      {open === 'removal' && stored !== undefined && <RemoveProvider provider={stored} onClose={close} />}
    </div>
  )
}

function Standing({ stored, readOnly }: Pick<ProviderCardProps, 'stored' | 'readOnly'>) {
  if (stored === undefined) return null
  return stored.enabled && !readOnly ? <State kind="ok">Active</State> : <Badge>Configured</Badge>
}

function Known({ stored }: { readonly stored: OwnProvider }) {
  const now = useNow()
  const { updated_at } = stored
  return (
    <Facts
      of={[
        PROVIDERS[stored.provider_type].key === 'none'
          ? undefined
          : ['API key', stored.has_api_key ? 'Stored' : 'None'],
        stored.api_url === null ? undefined : ['URL', <code key="url">{stored.api_url}</code>],
        ['Max results', stored.max_results],
        ['Updated', <Time key="time" iso={updated_at} text={relative(updated_at, now)} full={fullTime(updated_at)} />],
      ]}
    />
  )
}

interface ActsProps {
  readonly type: ProviderType
  readonly stored: OwnProvider | undefined
  readonly test: { readonly isPending: boolean; mutate(): void }
  readonly onEdit: () => void
  readonly onRemove: () => void
}

function Acts({ type, stored, test, onEdit, onRemove }: ActsProps) {
  const { name } = PROVIDERS[type]
  const isTestable = stored !== undefined || PROVIDERS[type].key === 'none'
  return (
    <div className={styles.acts}>
      {stored?.enabled === false && <Activate type={type} />}
      <Button aria-label={stored === undefined ? `Set up ${name}` : `Edit ${name}`} onPress={onEdit}>
        {stored === undefined ? 'Set up…' : 'Edit…'}
      </Button>
      {isTestable && !(stored === undefined && PROVIDERS[type].hasUrl) && (
        <Button aria-label={`Test ${name}`} isDisabled={test.isPending} onPress={() => test.mutate()}>
          {test.isPending ? 'Testing…' : 'Test'}
        </Button>
      )}
      {stored !== undefined && (
        <span className={styles.last}>
          <Button kind="ghost" aria-label={`Remove ${name}`} onPress={onRemove}>
            Remove…
          </Button>
        </span>
      )}
    </div>
  )
}

function Activate({ type }: { readonly type: ProviderType }) {
  const queries = useQueryClient()
  const tell = useToast()
  const { name } = PROVIDERS[type]
  const activate = useMutation({
    mutationFn: () => call('POST /admin/search-providers/activate', { body: { provider_type: type } }),
    onSuccess: () => tell('ok', `Your searches go through ${name}`),
    onError: (error) => tell('danger', 'It was not activated', error.message),
    onSettled: () => readWebSearchAnew(queries),
  })
  return (
    <Button aria-label={`Activate ${name}`} isDisabled={activate.isPending} onPress={() => activate.mutate()}>
      {activate.isPending ? 'Activating…' : 'Activate'}
    </Button>
  )
}
