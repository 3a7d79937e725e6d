/** What the web takes, for the few requests that use it: loaded with the first of them, so that no cold start waits for it. Deployed, it is a file of its own (`lib/bundling/bundle.ts`). */
import { openOutbound } from '../../http/outbound.client.ts'
import { monotonicMs } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { systemTimers } from '../../platform/timer.host.ts'
import { openSeal } from '../../secrets/seal.client.ts'
import type { Documents } from '../../table/document.store.ts'
import { openWebPages } from '../../web/pages.client.ts'
import { openWebSearch } from '../../web/search.client.ts'
import { openWebSettings } from '../../web/web-settings.store.ts'
import type { MessagesOptions } from './services.ts'

export function openWeb(documents: Documents, { tables, web }: MessagesOptions) {
  const outbound = openOutbound(web.outbound, { timers: systemTimers })
  const toPages = openOutbound({ ...web.outbound, allowedHosts: web.pageHosts }, { timers: systemTimers })
  return {
    search: openWebSearch({}, { outbound, timers: systemTimers, nowMs: monotonicMs }),
    pages: openWebPages({ outbound: toPages }),
    settings: openWebSettings(documents, tables.core, openSeal(web.sealingKeyArn), jsonLog()),
  }
}
