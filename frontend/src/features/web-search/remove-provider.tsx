import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { readWebSearchAnew } from '../../api/web-search-queries.ts'
import type { OwnProvider } from '../../api/web-search-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { PROVIDERS } from './words.ts'

interface RemoveProviderProps {
  readonly provider: OwnProvider
  readonly onClose: () => void
}

export function RemoveProvider({ provider, onClose }: RemoveProviderProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const { provider_type: type, enabled, has_api_key } = provider
  const { name } = PROVIDERS[type]
  const remove = useMutation({
    mutationFn: () => call('DELETE /admin/search-providers/{type}', { params: { type } }),
    onSuccess: async () => {
      tell('ok', `${name} is removed`)
      onClose()
      await readWebSearchAnew(queries)
    },
  })
  return (
    <Dialog
      title={`Remove ${name}?`}
      alert
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            Keep it
          </Button>
          <Button kind="danger" isDisabled={remove.isPending} onPress={() => remove.mutate()}>
            {remove.isPending ? 'Removing…' : 'Remove'}
          </Button>
        </>
      }
    >
      <p>
        {has_api_key ? 'Its stored key is forgotten. ' : ''}
        {enabled ? 'It is the active one: your searches go through DuckDuckGo until you activate another.' : ''}
        {!has_api_key && !enabled ? 'What is stored of it is forgotten.' : ''}
      </p>
      {remove.error !== null && (
        <Notice kind="danger" title="It is still there">
          {remove.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
