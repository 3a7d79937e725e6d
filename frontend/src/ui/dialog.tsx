import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components/Modal'
import styles from './dialog.module.css'

interface DialogProps {
  readonly title: string
  readonly description?: ReactNode
  readonly onClose: () => void
  /** Neither Esc nor a click beside it closes it: something would be lost. */
  readonly held?: boolean
  /** Interrupts to ask: read out at once. */
  readonly alert?: boolean
  /** Wider than for a few fields: a long form, or text that is read, not filled in. */
  readonly size?: 'roomy' | 'wide'
  readonly children: ReactNode
  readonly foot: ReactNode
}

/** A click beside a dialog never throws anything away; Esc does, where nothing is lost by it. */
export function Dialog({
  title,
  description,
  onClose,
  held = false,
  alert = false,
  size,
  children,
  foot,
}: DialogProps) {
  return (
    <ModalOverlay
      className={styles.scrim ?? ''}
      isOpen
      isDismissable={false}
      isKeyboardDismissDisabled={held}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Modal className={`${styles.modal} ${size === undefined ? '' : styles[size]}`}>
        <AriaDialog className={styles.dialog ?? ''} role={alert ? 'alertdialog' : 'dialog'}>
          <header className={styles.head}>
            <Heading slot="title">{title}</Heading>
            {description !== undefined && <p>{description}</p>}
          </header>
          <div className={styles.body}>{children}</div>
          <footer className={styles.foot}>{foot}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
