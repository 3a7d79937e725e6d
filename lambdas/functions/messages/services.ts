/** Everything the `messages` function works with, built once per cold start. */
import type * as z from 'zod/mini'
import { type AllowanceTables, openAllowances } from '../../admission/allowance.store.ts'
import { openRateWindows } from '../../admission/rate-windows.store.ts'
import { createCountingMemory } from '../../bedrock/counting-memory.ts'
import { openLearned } from '../../bedrock/learned.store.ts'
import { createLearnedMemory } from '../../bedrock/learned.ts'
import { shareLearning } from '../../bedrock/shared-learning.flow.ts'
import { openUpstreams } from '../../bedrock/upstreams.client.ts'
import { createBreaker } from '../../endpoints/breaker.ts'
import type { OwnPlace } from '../../endpoints/read-routing.ts'
import { openRouting } from '../../endpoints/routing.store.ts'
import { openTraces } from '../../endpoints/traces.store.ts'
import { createTurns } from '../../endpoints/turns.ts'
import type { OutboundSettings } from '../../http/outbound.client.ts'
import type { MessagesPorts } from '../../messages/answer.routes.ts'
import { countTokens } from '../../messages/count-tokens.flow.ts'
import { findModel, listModels } from '../../messages/list-models.flow.ts'
import type { RouteTools } from '../../messages/route-request.flow.ts'
import { type MessagesSettings, serveMessage, type Tools } from '../../messages/serve-message.flow.ts'
import { createEventTeller } from '../../messages/tell-events.flow.ts'
import { openEventWriter } from '../../notifications/event-writer.store.ts'
import { configuredUrlOf, ownRegion } from '../../platform/aws-environment.host.ts'
import { newRequestId, now } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { sleep, systemTimers } from '../../platform/timer.host.ts'
import { VERSION } from '../../platform/version.ts'
import { openCurrentPrices } from '../../pricing/current-prices.store.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import {
  expectedCost,
  lyingRequest,
  restateRequest,
  settleRequest,
  withdrawRequest,
} from '../../spend/keep-accounts.flow.ts'
import { openLedger } from '../../spend/ledger.store.ts'
import { createRecentOutput } from '../../spend/recent-output.ts'
import { databaseAnswers } from '../../table/database-health.store.ts'
import { type Documents, openDocuments } from '../../table/document.store.ts'
import type { MessagesEnv } from './env.ts'
import type { openWeb } from './open-web.ts'

export interface MessagesOptions {
  readonly tables: AllowanceTables & { readonly events: string }
  readonly own: OwnPlace
  readonly settings: MessagesSettings
  readonly allowedOrigins: readonly string[]
  readonly web: {
    /** Of the key that keys of search providers are sealed under. */
    readonly sealingKeyArn: string
    readonly outbound: OutboundSettings
    /** Hosts whose pages may be read wherever they are. Those that webhooks go to are not among them: anybody chooses pages. */
    readonly pageHosts: string
  }
}

/** As the environment says it, for the function and the plain server alike. */
export const optionsOf = (env: z.output<typeof MessagesEnv>, settings: MessagesSettings): MessagesOptions => ({
  tables: {
    core: env.CORE_TABLE,
    usage: env.USAGE_TABLE,
    events: env.EVENTS_TABLE,
    ephemeral: env.EPHEMERAL_TABLE,
  },
  own: { region: ownRegion(), routingPrefix: env.INFERENCE_PROFILE_PREFIX },
  settings,
  allowedOrigins: env.ALLOWED_ORIGINS,
  web: {
    sealingKeyArn: env.SEALING_KEY_ARN,
    outbound: { allowedHosts: env.OUTBOUND_ALLOWED_HOSTS, extraCa: env.OUTBOUND_EXTRA_CA },
    pageHosts: env.WEB_FETCH_ALLOWED_HOSTS,
  },
})

export function messagesServices(options: MessagesOptions, documents: Documents = openDocuments()): MessagesPorts {
  const log = jsonLog()
  const { tables, own } = options
  const allowances = openAllowances(documents, tables)
  const routes = openRoutes(documents, tables, own)
  const accounts = {
    ledger: openLedger(documents, tables.usage, { sleep, chance: Math.random }),
    prices: openCurrentPrices(openPrices(documents, tables.core)),
    log,
    sleep,
  }
  const tools: Tools = {
    allowances,
    routes,
    timers: systemTimers,
    recentOutput: createRecentOutput(),
    settings: options.settings,
    web: webOnDemand(documents, options),
    windows: openRateWindows(documents, tables.ephemeral),
    events: createEventTeller(openEventWriter(documents, tables.events)),
    accounts: {
      open: (request) => accounts.ledger.open(request),
      readPrices: async (version) => void (await accounts.prices.at(version)),
      hold: (request, holds, attempt) => accounts.ledger.hold(request, holds, attempt),
      lying: (request) => lyingRequest(request, accounts),
      expectedCost: (request, usage) => expectedCost(request, usage, accounts),
      settle: (request, end, pricesVersion, settledAt) =>
        settleRequest(request, end, pricesVersion, settledAt, accounts),
      restate: (request) => restateRequest(request, accounts),
      withdraw: (request) => withdrawRequest(request, accounts),
    },
  }
  const counting = createCountingMemory()
  const listing = { allowances, routes }
  return {
    serveMessage: (incoming) => serveMessage(incoming, tools),
    countTokens: (request) => countTokens(request, { allowances, routes, counting }),
    listModels: (headers, at) => listModels(headers, at, listing),
    findModel: (headers, id, at) => findModel(headers, id, at, listing),
    databaseAnswers: () => databaseAnswers(documents, tables.core),
    newRequestId,
    allowedOrigins: options.allowedOrigins,
    version: VERSION,
    log,
  }
}

function webOnDemand(documents: Documents, options: MessagesOptions): Tools['web'] {
  let opening: Promise<ReturnType<typeof openWeb>> | undefined
  const opened = () => {
    opening ??= import('./open-web.ts').then((web) => web.openWeb(documents, options))
    return opening
  }
  const log = jsonLog()
  return {
    search: { search: async (...asked) => (await opened()).search.search(...asked) },
    pages: { read: async (...asked) => (await opened()).pages.read(...asked) },
    settings: { of: async (userId) => (await opened()).settings.of(userId) },
    failed: (error, why) => log.warn('web.failed', { error, why }),
  }
}

function openRoutes(documents: Documents, tables: MessagesOptions['tables'], own: OwnPlace): RouteTools {
  const learned = openLearned(documents, tables.ephemeral)
  const memory = createLearnedMemory()
  return {
    upstreams: openUpstreams({ now, bedrockUrl: configuredUrlOf('BEDROCK_RUNTIME') }),
    routing: openRouting(documents, tables.core, own),
    memory,
    learned,
    sharing: shareLearning(learned, memory),
    breaker: createBreaker(),
    traces: openTraces(documents, tables.ephemeral, Math.random),
    timers: systemTimers,
    nextTurn: createTurns(Math.random()),
  }
}
