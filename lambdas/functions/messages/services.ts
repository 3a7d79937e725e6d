/** Everything the `messages` function works with, built once per cold start. */
import { openAllowances } from '../../admission/allowance.store.ts'
import { openInvokeClient } from '../../bedrock/invoke.client.ts'
import { countTokens } from '../../messages/count-tokens.flow.ts'
import { findModel, listModels } from '../../messages/list-models.flow.ts'
import type { MessagesPorts } from '../../messages/messages.routes.ts'
import { type MessagesSettings, serveMessage, type Tools } from '../../messages/serve-message.flow.ts'
import { DEFAULT_ENDPOINT } from '../../models/default-endpoint.ts'
import { openOfferedModels } from '../../models/offered-models.store.ts'
import { newRequestId } from '../../platform/clock.host.ts'
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
  readonly allowedOrigins: readonly string[]
}

export function messagesServices(options: MessagesOptions, documents: Documents = openDocuments()): MessagesPorts {
  const log = jsonLog()
  const allowances = openAllowances(documents, options.coreTable)
  const bedrock = openInvokeClient()
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
  const models = {
    allowances,
    offered: openOfferedModels(documents, options.coreTable),
    endpointId: DEFAULT_ENDPOINT,
    inferenceProfilePrefix,
  }
  return {
    serveMessage: (incoming) => serveMessage(incoming, tools),
    countTokens: (headers, readBody) => countTokens(headers, readBody, { allowances, bedrock, inferenceProfilePrefix }),
    listModels: (headers) => listModels(headers, models),
    findModel: (headers, id) => findModel(headers, id, models),
    databaseAnswers: () => databaseAnswers(documents, options.coreTable),
    newRequestId,
    allowedOrigins: options.allowedOrigins,
    version: VERSION,
    log,
  }
}
