/** The tools of `watch`, wired once per cold start. */
import type * as z from 'zod/mini'
import { openLearned } from '../../bedrock/learned.store.ts'
import { createLearnedMemory } from '../../bedrock/learned.ts'
import { openUpstreams } from '../../bedrock/upstreams.client.ts'
import { openConfiguration } from '../../endpoints/configuration.store.ts'
import { openEndpointCredentials } from '../../endpoints/credentials.client.ts'
import { readEndpointsPartition } from '../../endpoints/endpoints-partition.store.ts'
import type { ProbeTools } from '../../endpoints/probe-betas.flow.ts'
import { openProbeBooks } from '../../endpoints/probe-books.flow.ts'
import { openProfileListing } from '../../endpoints/profiles.client.ts'
import { type OwnPlace, routingOf } from '../../endpoints/read-routing.ts'
import { openWatched } from '../../endpoints/watched.store.ts'
import { configuredUrlOf, ownRegion } from '../../platform/aws-environment.host.ts'
import { newId, newRequestId, now } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import type { Log } from '../../platform/log.ts'
import { sleep } from '../../platform/timer.host.ts'
import { priceBookOf } from '../../pricing/price-book.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { openAbandonedMark, openPackedMark } from '../../spend/abandoned-mark.store.ts'
import { openHourItems } from '../../spend/hour-items.store.ts'
import { openHourPacks } from '../../spend/hour-packs.store.ts'
import { settleRequest } from '../../spend/keep-accounts.flow.ts'
import { type Ledger, openLedger, PENDING_SHARDS } from '../../spend/ledger.store.ts'
import { type Documents, openDocuments } from '../../table/document.store.ts'
import type { WatchEnv } from './env.ts'

export function watchServices(env: z.output<typeof WatchEnv>, documents: Documents = openDocuments()) {
  const log = jsonLog()
  const waiting = { sleep, chance: Math.random }
  const own: OwnPlace = { region: ownRegion(), routingPrefix: env.INFERENCE_PROFILE_PREFIX }
  const ledger = openLedger(documents, env.USAGE_TABLE, waiting)
  const prices = openPrices(documents, env.CORE_TABLE)
  const credentials = openEndpointCredentials({ now })
  const configuration = openConfiguration(documents, { core: env.CORE_TABLE, events: env.EVENTS_TABLE }, own, {
    ...waiting,
    newId,
  })
  return {
    abandoned: {
      ledger,
      mark: openAbandonedMark(documents, env.USAGE_TABLE),
      prices: () => prices.all().then(priceBookOf),
      shards: PENDING_SHARDS,
      log,
    },
    packing: {
      items: openHourItems(documents, env.USAGE_TABLE),
      packs: openHourPacks(documents, env.USAGE_TABLE),
      mark: openPackedMark(documents, env.USAGE_TABLE),
      log,
    },
    endpoints: {
      store: openWatched(documents, { core: env.CORE_TABLE, ephemeral: env.EPHEMERAL_TABLE }, own, configuration),
      listing: openProfileListing(({ roleArn, ...place }) =>
        roleArn === null ? undefined : () => credentials.of({ ...place, roleArn }, { teamId: null, identity: null }),
      ),
      log,
    },
    routing: async () => routingOf(await readEndpointsPartition(documents, env.CORE_TABLE), own),
    probes: probeTools(documents, env, ledger, log),
    log,
  }
}

function probeTools(documents: Documents, env: z.output<typeof WatchEnv>, ledger: Ledger, log: Log): ProbeTools {
  const table = openPrices(documents, env.CORE_TABLE)
  return {
    learned: openLearned(documents, env.EPHEMERAL_TABLE),
    memory: createLearnedMemory(),
    bedrock: openUpstreams({ now, bedrockUrl: configuredUrlOf('BEDROCK_RUNTIME') }).invoke,
    books: openProbeBooks({
      open: (request) => ledger.open(request),
      // Probes are few: the price table is read for each, and no stamp with it.
      settle: (request, end, at) =>
        settleRequest(request, end, 0, at, { ledger, prices: { at: () => table.all().then(priceBookOf) }, log, sleep }),
      newRequestId,
    }),
    log,
  }
}
