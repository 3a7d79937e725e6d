import { Link } from '@tanstack/react-router'
import { SquareTerminal, Workflow } from 'lucide-react'
import { useState } from 'react'
import type { AnswerOf } from '../../api/client.ts'
import { takeInHand } from '../../shell/key-in-hand.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Secret } from '../../ui/secret.tsx'
import { Tick } from '../../ui/tick.tsx'
import styles from './create-key.module.css'

export type Created = Pick<AnswerOf<'POST /admin/keys'>, 'id' | 'key' | 'name' | 'prefix'>

/** Shows a raw key this once. */
export function StoreKey({ created, onClose }: { readonly created: Created; readonly onClose: () => void }) {
  const [isStored, setStored] = useState(false)
  const name = created.name ?? created.prefix
  const hand = (): void => takeInHand({ id: created.id, name, raw: created.key })
  return (
    <Dialog
      title="Store this key now"
      description={
        <>
          <b dir="auto">{name}</b> is ready. The key cannot be shown again.
        </>
      }
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
      <Secret text={created.key} label="Virtual key" onCopied={() => setStored(true)} />
      <h3 className={styles.label}>Then</h3>
      <ul className={styles.next}>
        <li>
          <Link to="/connect" onClick={hand}>
            <SquareTerminal size={16} aria-hidden />
            <b>Set up Claude Code with it</b>
            <span>One command, nothing to type</span>
          </Link>
        </li>
        <li>
          <Link to="/connect" search={{ target: 'ci' }} onClick={hand}>
            <Workflow size={16} aria-hidden />
            <b>Use it in CI or a script</b>
            <span>Two variables</span>
          </Link>
        </li>
      </ul>
    </Dialog>
  )
}
