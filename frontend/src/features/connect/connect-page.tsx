import { useSuspenseQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Unplug } from 'lucide-react'
import { useEffect, useState } from 'react'
import { meQuery } from '../../api/queries.ts'
import { dropFromHand } from '../../shell/key-in-hand.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import styles from './connect-page.module.css'
import { systemOf } from './connect-search.ts'
import { Disconnect } from './disconnect.tsx'
import { usePrepared } from './prepared.ts'
import { Progress } from './progress.tsx'
import { Recipes } from './recipes-card.tsx'
import { Targets } from './targets.tsx'
import { Terminal } from './terminal.tsx'
import { Troubles } from './troubles.tsx'

export function ConnectPage() {
  const { target = 'terminal', os, scope = 'user' } = useSearch({ from: '/shell/connect' })
  const { data: me } = useSuspenseQuery(meQuery)
  const [isDisconnecting, setDisconnecting] = useState(false)
  const preparation = usePrepared()
  const system = os ?? systemOf(navigator.userAgent)
  useEffect(() => dropFromHand, [])
  const isScripted = target === 'terminal' || target === 'editor'
  return (
    <Page
      title="Connect Claude Code"
      actions={
        <Button kind="ghost" aria-label="Disconnect a machine" onPress={() => setDisconnecting(true)}>
          <Unplug size={15} aria-hidden /> <span className="roomy">Disconnect a machine</span>
        </Button>
      }
    >
      <Targets />
      <div className={styles.columns}>
        <div className={styles.stack}>
          {isScripted ? (
            <Terminal
              target={target}
              system={system}
              scope={scope}
              baseUrl={me.gateway.base_url}
              preparation={preparation}
            />
          ) : (
            <Recipes target={target} baseUrl={me.gateway.base_url} preparation={preparation} />
          )}
          <Troubles system={system} />
        </div>
        <div className={styles.stack}>
          <Progress setup={preparation.prepared?.setup} firstRequestAt={me.first_request_at} isScripted={isScripted} />
          <Card title="What you get">
            <dl className={styles.facts}>
              <dt>Signed in as</dt>
              <dd dir="auto">{me.email}</dd>
              <dt>Team</dt>
              <dd dir="auto">{me.team?.name ?? 'None'}</dd>
              <dt>Gateway</dt>
              <dd>
                <code>{me.gateway.base_url}</code>
              </dd>
              <dt>Version</dt>
              <dd>{me.gateway.version}</dd>
            </dl>
          </Card>
        </div>
      </div>
      {isDisconnecting && <Disconnect system={system} onClose={() => setDisconnecting(false)} />}
    </Page>
  )
}
