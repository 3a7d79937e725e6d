/** The outbox's tools, wired once per cold start. */
import type * as z from 'zod/mini'
import { openOutbound } from '../../http/outbound.client.ts'
import { openAttemptLog } from '../../notifications/attempts.store.ts'
import { openCircuits } from '../../notifications/circuit.store.ts'
import { openActiveDestination } from '../../notifications/destinations.store.ts'
import type { DrainTools } from '../../notifications/drain-outbox.flow.ts'
import { openOutbox } from '../../notifications/outbox.store.ts'
import { openSender } from '../../notifications/sender.client.ts'
import { monotonicMs, newId } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { systemTimers } from '../../platform/timer.host.ts'
import { VERSION } from '../../platform/version.ts'
import { openSeal } from '../../secrets/seal.client.ts'
import { openDocuments } from '../../table/document.store.ts'
import { OUTBOX_SHARDS } from '../../table/events-keys.ts'
import type { OutboxEnv } from './env.ts'

export function outboxServices(env: z.output<typeof OutboxEnv>): DrainTools {
  const documents = openDocuments()
  const outside = { allowedHosts: env.OUTBOUND_ALLOWED_HOSTS, extraCa: env.OUTBOUND_EXTRA_CA }
  return {
    outbox: openOutbox(documents, env.EVENTS_TABLE),
    active: openActiveDestination(documents, env.CORE_TABLE),
    circuits: openCircuits(documents, env.EVENTS_TABLE),
    attempts: openAttemptLog(documents, env.EVENTS_TABLE),
    sender: openSender({
      outbound: openOutbound(outside, { timers: systemTimers }),
      seal: openSeal(env.SEALING_KEY_ARN),
      elapsedMs: monotonicMs,
      version: VERSION,
    }),
    log: jsonLog(),
    shards: OUTBOX_SHARDS,
    chance: () => Math.random(),
    newId,
    elapsedMs: monotonicMs,
  }
}
