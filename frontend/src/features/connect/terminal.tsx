import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, FileCode, SlidersHorizontal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { countdown } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Command } from '../../ui/command.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ByHand } from './by-hand.tsx'
import { installOf, promptOf, settingsFile, setupCommand } from './commands.ts'
import { type Scope, SYSTEM_NAMES, SYSTEMS, type System, suggestedName } from './connect-search.ts'
import { KeyForm } from './key-form.tsx'
import type { usePrepared } from './prepared.ts'
import { ReadScript } from './read-script.tsx'
import styles from './terminal.module.css'

interface TerminalProps {
  readonly target: 'terminal' | 'editor'
  readonly system: System
  readonly scope: Scope
  readonly baseUrl: string
  readonly preparation: ReturnType<typeof usePrepared>
}

/** Claude Code on one's own machine: one command, then `claude`. */
export function Terminal({ target, system, scope, baseUrl, preparation }: TerminalProps) {
  const [open, setOpen] = useState<'script' | 'settings'>()
  const { prepared, prepare } = preparation
  const install = installOf(system)
  return (
    <Card label="Connect">
      <ol className={styles.steps}>
        <li>
          <h2>Connect to the gateway</h2>
          <Choices system={system} scope={scope} />
          {prepared === undefined ? (
            <KeyForm
              key={system}
              suggestedName={suggestedName(system, navigator.userAgent)}
              prepare={prepare}
              verb="Make the command"
            />
          ) : (
            <SetupCommand system={system} scope={scope} preparation={preparation} />
          )}
          <p className={styles.prose}>
            The command adds three settings to <code>{settingsFile(system, scope)}</code>, keeps the rest and leaves a
            backup beside it. The key itself is not in it: the script fetches the key once, within five minutes.
          </p>
          <p className={styles.links}>
            <button type="button" className="link" onClick={() => setOpen('script')}>
              <FileCode size={14} aria-hidden /> Read the script first
            </button>
            <button type="button" className="link" onClick={() => setOpen('settings')}>
              <SlidersHorizontal size={14} aria-hidden /> Edit the settings by hand
            </button>
          </p>
        </li>
        <li>
          <h2>Start coding</h2>
          {target === 'editor' ? (
            <p className={styles.prose}>
              The extensions of VS Code and the JetBrains editors read the same settings. Restart the editor’s window,
              then open Claude Code in it.
            </p>
          ) : (
            <Command text="claude" prompt={promptOf(system)} label="Start Claude Code" />
          )}
          <details className={styles.install}>
            <summary className="link">Claude Code is not installed yet</summary>
            <Command text={install.command} prompt={promptOf(system)} label="Install Claude Code" />
            <p className="quiet">{install.also}</p>
          </details>
        </li>
      </ol>
      {open === 'script' && <ReadScript system={system} onClose={() => setOpen(undefined)} />}
      {open === 'settings' && (
        <ByHand
          system={system}
          scope={scope}
          baseUrl={baseUrl}
          rawKey={prepared?.key.raw}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Card>
  )
}

function Choices({ system, scope }: { readonly system: System; readonly scope: Scope }) {
  const navigate = useNavigate({ from: '/connect' })
  const choose = (chosen: Scope): void =>
    void navigate({
      search: ({ scope: _scope, ...before }) => (chosen === 'project' ? { ...before, scope: chosen } : before),
      replace: true,
      resetScroll: false,
    })
  return (
    <div className={styles.choices}>
      <Segmented
        label="System"
        value={system}
        onChange={(os) => void navigate({ search: (before) => ({ ...before, os }), replace: true, resetScroll: false })}
        options={SYSTEMS.map((value) => ({ value, text: SYSTEM_NAMES[value] }))}
      />
      <Menu
        label="For which projects"
        trigger={
          <Button kind="ghost">
            {scope === 'user' ? 'All projects' : 'This folder only'} <ChevronDown size={14} aria-hidden />
          </Button>
        }
        actions={[
          { id: 'user', text: 'All projects', chosen: scope === 'user', run: () => choose('user') },
          { id: 'project', text: 'This folder only', chosen: scope === 'project', run: () => choose('project') },
        ]}
      />
    </div>
  )
}

interface SetupCommandProps {
  readonly system: System
  readonly scope: Scope
  readonly preparation: ReturnType<typeof usePrepared>
}

const SECOND = 1_000

function SetupCommand({ system, scope, preparation: { prepared, prepare } }: SetupCommandProps) {
  const now = useNow(SECOND)
  const key = prepared?.key
  const setup = prepared?.setup
  const isAsked = useRef(false)
  // The key came along from the page that made it: its command is what the person came for.
  useEffect(() => {
    if (key === undefined || setup !== undefined || isAsked.current) return
    isAsked.current = true
    prepare.mutate({ by: 'hand', key })
  }, [key, setup, prepare])
  if (key === undefined) return null
  const again = (): void => prepare.mutate({ by: 'hand', key })
  if (setup === undefined) {
    return prepare.error === null ? (
      <p className="quiet" role="status">
        Making the command…
      </p>
    ) : (
      <Notice kind="danger" title="There is no command yet" action={<Button onPress={again}>Try again</Button>}>
        {prepare.error.message}
      </Notice>
    )
  }
  const left = Date.parse(setup.expires_at) - now
  if (left <= 0) {
    return (
      <Notice kind="info" action={<Button onPress={again}>Make a new command</Button>}>
        The command for <b dir="auto">{key.name}</b> has ended. The key itself is good, and whoever was set up with it
        stays connected.
      </Notice>
    )
  }
  return (
    <>
      <Command
        text={setupCommand(location.origin, setup.token, system, scope)}
        prompt={promptOf(system)}
        label="Setup command"
        primary
      />
      <p className="quiet figure">
        For the key <b dir="auto">{key.name}</b>. Run it within {countdown(left)}
        {scope === 'project' && ', in the folder it is for'}.
      </p>
    </>
  )
}
