/** What `watch` does with endpoints, over the tables of a control plane and the AWS that stands in for the real one. */
import { openLearned } from '../../lambdas/bedrock/learned.store.ts'
import { createLearnedMemory, type LearnedMemory } from '../../lambdas/bedrock/learned.ts'
import { openUpstreams, type Upstreams } from '../../lambdas/bedrock/upstreams.client.ts'
import { openConfiguration } from '../../lambdas/endpoints/configuration.store.ts'
import { openEndpointCredentials } from '../../lambdas/endpoints/credentials.client.ts'
import { readEndpointsPartition } from '../../lambdas/endpoints/endpoints-partition.store.ts'
import type { ProbeTools } from '../../lambdas/endpoints/probe-betas.flow.ts'
import { openProbeBooks } from '../../lambdas/endpoints/probe-books.flow.ts'
import { openProfileListing } from '../../lambdas/endpoints/profiles.client.ts'
import { type OwnPlace, routingOf } from '../../lambdas/endpoints/read-routing.ts'
import type { Routing } from '../../lambdas/endpoints/routing.ts'
import type { WatchEndpointsTools } from '../../lambdas/endpoints/watch-endpoints.flow.ts'
import { openWatched } from '../../lambdas/endpoints/watched.store.ts'
import { newId, newRequestId } from '../../lambdas/platform/clock.host.ts'
import { instant } from '../../lambdas/platform/instant.ts'
import { jsonLog } from '../../lambdas/platform/log.host.ts'
import { priceBookOf } from '../../lambdas/pricing/price-book.ts'
import { SEED_PRICES } from '../../lambdas/pricing/seed-prices.ts'
import { settleRequest } from '../../lambdas/spend/keep-accounts.flow.ts'
import { openLedger } from '../../lambdas/spend/ledger.store.ts'
import type { TestAws } from './aws.ts'
import type { TestControl } from './control.ts'

export interface TestWatch {
  readonly own: OwnPlace
  readonly endpoints: WatchEndpointsTools
  readonly probes: ProbeTools & { readonly memory: LearnedMemory }
  readonly upstreams: Upstreams
  /** Lines, parsed. */
  readonly logged: Record<string, unknown>[]
  /** As an environment reads it that begins now. */
  routing(): Promise<Routing>
}

const CREDENTIALS = { accessKeyId: 'watch', secretAccessKey: 'local' }

/** As patient as the function is, and not as slow. */
const WAITING = { sleep: async () => {}, chance: Math.random }

/** @param own As the control plane of the tests is placed. */
export function watchOver({ documents, tables }: TestControl, aws: TestAws): TestWatch {
  const own: OwnPlace = { region: 'us-east-1', routingPrefix: 'us' }
  const logged: Record<string, unknown>[] = []
  const log = jsonLog((line) => void logged.push(JSON.parse(line) as Record<string, unknown>))
  const now = () => instant(Date.now())
  const roles = openEndpointCredentials({ now, client: { endpoint: aws.sts.endpoint, credentials: CREDENTIALS } })
  const ledger = openLedger(documents, tables.usage, WAITING)
  const configuration = openConfiguration(documents, tables, own, { ...WAITING, newId })
  const upstreams = openUpstreams({
    now,
    bedrockUrl: aws.bedrock.url,
    stsUrl: aws.sts.endpoint,
    credentials: CREDENTIALS,
  })
  return {
    own,
    logged,
    upstreams,
    endpoints: {
      store: openWatched(documents, tables, own, configuration),
      listing: openProfileListing(
        ({ roleArn, ...place }) =>
          roleArn === null
            ? async () => CREDENTIALS
            : () => roles.of({ ...place, roleArn }, { teamId: null, identity: null }),
        { endpoint: aws.bedrock.url },
      ),
      log,
    },
    probes: {
      learned: openLearned(documents, tables.ephemeral),
      memory: createLearnedMemory(),
      bedrock: upstreams.invoke,
      books: openProbeBooks({
        open: (request) => ledger.open(request),
        settle: (request, end, at) =>
          settleRequest(request, end, 0, at, {
            ledger,
            prices: { at: async () => priceBookOf(SEED_PRICES) },
            log,
            sleep: WAITING.sleep,
          }),
        newRequestId,
      }),
      log,
    },
    routing: async () => routingOf(await readEndpointsPartition(documents, tables.core), own),
  }
}
