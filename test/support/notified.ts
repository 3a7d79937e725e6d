/** A deployed gateway that has something to tell: a receiver on this machine, and events written as they happen. */

import type { GatewayEvent } from '../../lambdas/notifications/event.ts'
import { openEventWriter } from '../../lambdas/notifications/event-writer.store.ts'
import { addMs, type Instant, instant } from '../../lambdas/platform/instant.ts'
import { openDocuments } from '../../lambdas/table/document.store.ts'
import type { Deployed } from './deployed.ts'
import { budgetEvent } from './outbox.ts'

export const DAY = 86_400_000

/** @param agoMs How long ago it happened. */
export async function happen(gateway: Deployed, agoMs: number, wish: Partial<GatewayEvent> = {}): Promise<string> {
  const documents = openDocuments({ endpoint: gateway.databaseEndpoint })
  const at: Instant = addMs(instant(Date.now()), -agoMs)
  const event = budgetEvent(at, wish)
  await openEventWriter(documents, gateway.tables.get('events') ?? '').write(event)
  documents.destroy()
  return event.id
}

export async function activateWebhook(gateway: Deployed, url: string): Promise<void> {
  const body = { destination_type: 'webhook', destination_value: url, event_categories: ['budget', 'rate_limit'] }
  const saved = await gateway.admin('PUT', '/admin/notifications/config', body)
  const tested = await gateway.admin('POST', '/admin/notifications/test')
  const active = await gateway.admin('POST', '/admin/notifications/activate')
  if (!saved.ok || !tested.ok || !active.ok) throw new Error(`not active: ${await active.text()}`)
}
