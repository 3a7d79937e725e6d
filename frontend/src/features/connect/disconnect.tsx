import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { promptOf, removeCommand } from './commands.ts'
import { SYSTEM_NAMES, SYSTEMS, type System } from './connect-search.ts'

export function Disconnect({ system, onClose }: { readonly system: System; readonly onClose: () => void }) {
  const [chosen, setChosen] = useState(system)
  return (
    <Dialog
      title="Disconnect a machine"
      description="Undoes exactly what setup did there, for all projects and for the folder it is run in."
      onClose={onClose}
      foot={<Button onPress={onClose}>Close</Button>}
    >
      <Segmented
        label="System"
        value={chosen}
        onChange={setChosen}
        options={SYSTEMS.map((value) => ({ value, text: SYSTEM_NAMES[value] }))}
      />
      <Command text={removeCommand(location.origin, chosen)} prompt={promptOf(chosen)} label="Remove command" primary />
      <p>
        The key stays good. If nobody else uses it,{' '}
        <Link to="/keys" className="link">
          revoke it
        </Link>
        .
      </p>
    </Dialog>
  )
}
