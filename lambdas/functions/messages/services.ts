/** Everything the `messages` function works with, built once per cold start. */
import { openAllowances } from '../../admission/allowance.store.ts'
import { openInvokeClient } from '../../bedrock/first-endpoint.client.ts'
import { openUpstreams } from '../../bedrock/upstreams.client.ts'
import { countTokens } from '../../messages/count-tokens.flow.ts'
import { listModels } from '../../messages/list-models.flow.ts'
import type { MessagesPorts } from '../../messages/messages.routes.ts'
import { type MessagesSettings, serveMessage, type Tools } from '../../messages/serve-message.flow.ts'
import { DEFAULT_ENDPOINT } from '../../models/default-endpoint.ts'
import { openOfferedModels } from '../../models/offered-models.store.ts'
import { configuredUrlOf, ownRegion } from '../../platform/aws-environment.host.ts'
import { newRequestId, now } from '../../platform/clock.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { sleep, systemTimers } from '../../platform/timer.host.ts'
import { VERSION } from '../../platform/version.ts'
import { openCurrentPrices } from '../../pricing/current-prices.store.ts'
import { openPrices } from '../../pricing/prices.store.ts'
import { settleRequest, withdrawRequest } from '../../spend/keep-accounts.flow.ts'
import { openLedger } from '../../spend/ledger.store.ts'
import { createRecentOutput } from '../../spend/recent-output.ts'
import { databaseAnswers } from '../../table/database-health.store.ts'
import { type Documents, openDocuments } from '../../table/document.store.ts'

export interface MessagesOptions {
  readonly coreTable: string
  readonly usageTable: string
  readonly settings: MessagesSettings
}

export function messagesServices(options: MessagesOptions, documents: Documents = openDocuments()): MessagesPorts {
  const log = jsonLog()
  const allowances = openAllowances(documents, options.coreTable)
  const upstreams = openUpstreams({ now, bedrockUrl: configuredUrlOf('BEDROCK_RUNTIME') })
  const bedrock = openInvokeClient(upstreams.invoke, ownRegion())
  const accounts = {
    ledger: openLedger(documents, options.usageTable, { sleep, chance: Math.random }),
    prices: openCurrentPrices(openPrices(documents, options.coreTable)),
    log,
  }
  const { inferenceProfilePrefix } = options.settings
  const tools: Tools = {
    allowances,
    bedrock,
    timers: systemTimers,
    recentOutput: createRecentOutput(),
    settings: options.settings,
    accounts: {
      open: (request) => accounts.ledger.open(request),
      settle: (request, end, pricesVersion, settledAt) =>
        settleRequest(request, end, pricesVersion, settledAt, accounts),
      withdraw: (request) => withdrawRequest(request, accounts),
    },
  }
  const offered = openOfferedModels(documents, options.coreTable)
  return {
    serveMessage: (incoming) => serveMessage(incoming, tools),
    countTokens: (headers, readBody) => countTokens(headers, readBody, { allowances, bedrock, inferenceProfilePrefix }),
    listModels: (headers) =>
      listModels(headers, { allowances, offered, endpointId: DEFAULT_ENDPOINT, inferenceProfilePrefix }),
    databaseAnswers: () => databaseAnswers(documents, options.coreTable),
    newRequestId,
    version: VERSION,
    log,
  }
}
