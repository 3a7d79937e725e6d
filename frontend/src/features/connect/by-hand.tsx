import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Secret } from '../../ui/secret.tsx'
import { settingsFile, settingsText } from './commands.ts'
import type { Scope, System } from './connect-search.ts'

interface ByHandProps {
  readonly system: System
  readonly scope: Scope
  readonly baseUrl: string
  readonly rawKey: string | undefined
  readonly onClose: () => void
}

/** For people who may not pipe anything into a shell. */
export function ByHand({ system, scope, baseUrl, rawKey, onClose }: ByHandProps) {
  return (
    <Dialog
      title="Edit the settings by hand"
      description={
        <>
          Merge this into <code>{settingsFile(system, scope)}</code>; keep what else is there.
        </>
      }
      size="wide"
      onClose={onClose}
      foot={<Button onPress={onClose}>Close</Button>}
    >
      <Command text={settingsText(baseUrl, 'sk-proxy-…')} label="Settings" />
      {rawKey === undefined ? (
        <p>Put a virtual key in the place of sk-proxy-…. A new one is made on this page or under Virtual keys.</p>
      ) : (
        <>
          <p>In the place of sk-proxy-… goes this key:</p>
          <Secret text={rawKey} label="Virtual key" />
        </>
      )}
    </Dialog>
  )
}
