/** Asks back before something is taken away. It stays open, and says why, where that fails. */
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Notice } from './notice.tsx'

export interface RemovalDialogProps {
  readonly title: string
  /** Title of what is told where it fails. */
  readonly failure: string
  readonly removal: { readonly isPending: boolean; readonly error: Error | null; mutate(): void }
  readonly onClose: () => void
  /** What follows from it. */
  readonly children: ReactNode
}

export const RemovalDialog = ({ title, failure, removal, onClose, children }: RemovalDialogProps) => (
  <Dialog
    title={title}
    alert
    onClose={onClose}
    foot={
      <>
        <Button autoFocus onPress={onClose}>
          Keep it
        </Button>
        <Button kind="danger" isPending={removal.isPending} onPress={() => removal.mutate()}>
          {removal.isPending ? 'Removing…' : 'Remove'}
        </Button>
      </>
    }
  >
    <p>{children}</p>
    {removal.error !== null && (
      <Notice kind="danger" title={failure}>
        {removal.error.message}
      </Notice>
    )}
  </Dialog>
)
