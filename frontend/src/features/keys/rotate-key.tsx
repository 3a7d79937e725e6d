import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import type { Key } from '../../api/people-types.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SegmentedField } from '../../ui/segmented-field.tsx'
import { type Created, StoreKey } from './store-key.tsx'

const OVERLAPS = ['0', '24', '72'] as const
const OVERLAP_NAMES = { '0': 'At once', '24': 'In 24 hours', '72': 'In 72 hours' } as const

/** The raw key lives in this component's state, and goes with it. */
export function RotateKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const [created, setCreated] = useState<Created>()
  return created === undefined ? (
    <Form of={key} onClose={onClose} onCreated={setCreated} />
  ) : (
    <StoreKey created={created} onClose={onClose} />
  )
}

interface FormProps {
  readonly of: Key
  readonly onClose: () => void
  readonly onCreated: (created: Created) => void
}

function Form({ of: key, onClose, onCreated }: FormProps) {
  const queries = useQueryClient()
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>('24')
  const rotate = useMutation({
    mutationFn: () =>
      call('POST /admin/keys/{id}/rotate', { params: { id: key.id }, body: { overlap_hours: Number(overlap) } }),
    onSuccess: async (created) => {
      onCreated(created)
      await queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  return (
    <Dialog
      title={`Rotate ${key.name ?? key.prefix}?`}
      description="A new key takes its place, with the same owner, team, limits and spent budget. It is shown once."
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={rotate.isPending} onPress={() => rotate.mutate()}>
            {rotate.isPending ? 'Rotating…' : 'Rotate key'}
          </Button>
        </>
      }
    >
      <SegmentedField
        label="The old key ends"
        value={overlap}
        onChange={setOverlap}
        options={OVERLAPS.map((value) => ({ value, text: OVERLAP_NAMES[value] }))}
      />
      {rotate.error !== null && (
        <Notice kind="danger" title="The key was not rotated">
          {rotate.error.message}
        </Notice>
      )}
    </Dialog>
  )
}
