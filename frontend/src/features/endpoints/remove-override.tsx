import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { RemovalDialog } from '../../ui/removal-dialog.tsx'
import { useToast } from '../../ui/toasts.tsx'

type Override =
  | { readonly kind: 'profile'; readonly endpointId: string; readonly modelId: string }
  | { readonly kind: 'beta'; readonly endpointId: string; readonly profileId: string; readonly beta: string }

interface RemoveOverrideProps {
  readonly of: Override
  readonly title: string
  readonly effect: string
  readonly done: string
  readonly onClose: () => void
}

export function RemoveOverride({ of: override, title, effect, done, onClose }: RemoveOverrideProps) {
  const queries = useQueryClient()
  const tell = useToast()
  const remove = useMutation({
    mutationFn: (): Promise<unknown> =>
      override.kind === 'profile'
        ? call('DELETE /admin/endpoints/{id}/aip-overrides/{model_id}', {
            params: { id: override.endpointId, model_id: override.modelId },
          })
        : call('DELETE /admin/beta-overrides/{endpoint_id}/{profile_id}/{beta_name}', {
            params: { endpoint_id: override.endpointId, profile_id: override.profileId, beta_name: override.beta },
          }),
    onSuccess: async () => {
      tell('ok', done)
      onClose()
      await queries.invalidateQueries({ queryKey: [override.kind === 'profile' ? 'endpoints' : 'beta-overrides'] })
    },
  })
  return (
    <RemovalDialog title={title} failure="It was not removed" removal={remove} onClose={onClose}>
      {effect}
    </RemovalDialog>
  )
}
