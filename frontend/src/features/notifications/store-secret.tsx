import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Secret } from '../../ui/secret.tsx'
import { Tick } from '../../ui/tick.tsx'
import styles from './notifications.module.css'
import { VerifySignature } from './verify-signature.tsx'

interface StoreSecretProps {
  readonly secret: string
  readonly onClose: () => void
}

export function StoreSecret({ secret, onClose }: StoreSecretProps) {
  const [isStored, setStored] = useState(false)
  return (
    <Dialog
      title="Store the signing secret now"
      description="The receiver needs it to know that a message is this gateway’s. It cannot be shown again."
      size="roomy"
      held
      onClose={onClose}
      foot={
        <>
          <span className={styles.stored}>
            <Tick label="I have stored it" checked={isStored} onChange={setStored} />
          </span>
          <Button kind="primary" isDisabled={!isStored} onPress={onClose}>
            Done
          </Button>
        </>
      }
    >
      <Secret text={secret} label="Signing secret" onCopied={() => setStored(true)} />
      <VerifySignature />
    </Dialog>
  )
}
