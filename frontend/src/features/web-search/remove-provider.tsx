import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { readWebSearchAnew } from '../../api/web-search-queries.ts'
import type { OwnProvider } from '../../api/web-search-types.ts'
import { RemovalDialog } from '../../ui/removal-dialog.tsx'
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
    <RemovalDialog title={`Remove ${name}?`} failure="It is still there" removal={remove} onClose={onClose}>
      {has_api_key ? 'Its stored key is forgotten. ' : ''}
      {enabled ? 'It is the active one: your searches go through DuckDuckGo until you activate another.' : ''}
      {!has_api_key && !enabled ? 'What is stored of it is forgotten.' : ''}
    </RemovalDialog>
  )
}
