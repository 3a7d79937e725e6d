/** The outbox with all that it speaks to on this machine, and the time told. */
import { randomUUID } from 'node:crypto'
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { openOutbound } from '../../lambdas/http/outbound.client.ts'
import { openAttemptLog } from '../../lambdas/notifications/attempts.store.ts'
import { openCircuits } from '../../lambdas/notifications/circuit.store.ts'
import { type Destination, maskedUrl, WEBHOOK_PURPOSE } from '../../lambdas/notifications/destination.ts'
import { openActiveDestination, openDestinations } from '../../lambdas/notifications/destinations.store.ts'
import type { DrainTools } from '../../lambdas/notifications/drain-outbox.flow.ts'
import { budgetEventId, type GatewayEvent } from '../../lambdas/notifications/event.ts'
import { openEventWriter } from '../../lambdas/notifications/event-writer.store.ts'
import { openOutbox } from '../../lambdas/notifications/outbox.store.ts'
import { openSender } from '../../lambdas/notifications/sender.client.ts'
import { type Instant, instant, isoOf } from '../../lambdas/platform/instant.ts'
import { jsonLog } from '../../lambdas/platform/log.host.ts'
import { nanoUsd } from '../../lambdas/platform/money.ts'
import { systemTimers } from '../../lambdas/platform/timer.host.ts'
import { openSeal } from '../../lambdas/secrets/seal.client.ts'
import { type Documents, openDocuments } from '../../lambdas/table/document.store.ts'
import { eventKey, OUTBOX_SHARDS } from '../../lambdas/table/events-keys.ts'
import { type EventBridge, startEventBridge } from '../../local/aws/event-bridge.ts'
import { type Kms, startKms } from '../../local/aws/kms.ts'
import { type Sns, startSns } from '../../local/aws/sns.ts'
import { startDatabase } from '../../local/database/engine.ts'
import { SEALING_KEY } from './aws.ts'
import { createTables, type TableNames } from './tables.ts'
import { startWebhookSink, type WebhookSink } from './webhook-sink.ts'

export const SIGNING_SECRET = 'whsec_0123456789abcdef'
const CREDENTIALS = { accessKeyId: 'outbox', secretAccessKey: 'local' }

export interface TestOutbox {
  readonly documents: Documents
  readonly tables: TableNames
  readonly tools: DrainTools
  readonly sink: WebhookSink
  readonly sns: Sns
  readonly eventBridge: EventBridge
  readonly kms: Kms
  readonly logged: string[]
  /** Makes it the active destination: the sink's webhook, unless something else is wished for. */
  activate(wish?: Partial<Destination>, url?: string): Promise<Destination>
  deactivate(): Promise<void>
  /** Writes an event that nobody has written before. */
  write(at: Instant, wish?: Partial<GatewayEvent>): Promise<GatewayEvent>
  put(item: Record<string, unknown>): Promise<void>
  /** The event's item. */
  read(id: string): Promise<Record<string, unknown>>
  attempts(): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

export async function startOutbox(): Promise<TestOutbox> {
  const database = await startDatabase()
  const tables = await createTables(database.endpoint)
  const documents = openDocuments({ endpoint: database.endpoint })
  const [sink, kms, sns, eventBridge] = await Promise.all([
    startWebhookSink(),
    startKms(),
    startSns(),
    startEventBridge(),
  ])
  kms.create(SEALING_KEY)
  const seal = openSeal(SEALING_KEY, { endpoint: kms.endpoint, region: 'us-east-1', credentials: CREDENTIALS })
  const logged: string[] = []
  const tools: DrainTools = {
    outbox: openOutbox(documents, tables.events),
    active: openActiveDestination(documents, tables.core),
    circuits: openCircuits(documents, tables.events),
    attempts: openAttemptLog(documents, tables.events),
    sender: openSender({
      outbound: openOutbound({ allowedHosts: 'localhost', extraCa: '' }, { timers: systemTimers }),
      seal,
      elapsedMs: () => performance.now(),
      version: 'test',
      aws: { sns: sns.endpoint, eventBridge: eventBridge.endpoint, credentials: CREDENTIALS },
    }),
    log: jsonLog((line) => void logged.push(line)),
    shards: OUTBOX_SHARDS,
    chance: () => 0.5,
    newId: randomUUID,
    elapsedMs: () => 0,
  }
  const destinations = openDestinations(documents, tables, { sleep: async () => {}, chance: () => 0 })
  const writer = openEventWriter(documents, tables.events)
  const setActive = async (active: Destination | null): Promise<void> => {
    const audit = {
      id: randomUUID(),
      at: instant(0),
      requestId: 'req_test',
      actor: { userId: 'admin', email: 'admin@example.com' },
      action: 'notifications.activated',
      target: 'destination:test',
      detail: {},
    }
    if (!(await destinations.commit(await destinations.load(), { active }, audit)))
      throw new Error('somebody was quicker')
  }
  return {
    documents,
    tables,
    tools,
    sink,
    sns,
    eventBridge,
    kms,
    logged,
    async activate(wish = {}, url = sink.url) {
      const destination: Destination = {
        id: randomUUID(),
        type: 'webhook',
        value: maskedUrl(url),
        sealed: await seal.seal(JSON.stringify({ url, signingSecret: SIGNING_SECRET }), WEBHOOK_PURPOSE),
        categories: ['budget', 'rate_limit'],
        rev: 1,
        test: null,
        createdAt: instant(0),
        updatedAt: instant(0),
        ...wish,
      }
      await setActive(destination)
      return destination
    },
    deactivate: () => setActive(null),
    async write(at, wish = {}) {
      const event = budgetEvent(at, wish)
      if (!(await writer.write(event))) throw new Error('there is such an event already')
      return event
    },
    put: async (item) => void (await documents.send(new PutCommand({ TableName: tables.events, Item: item }))),
    async read(id) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tables.events, Key: eventKey(id), ConsistentRead: true }),
      )
      return Item ?? {}
    },
    async attempts() {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: tables.events,
          IndexName: 'GSI3',
          KeyConditionExpression: 'GSI3PK = :list',
          ExpressionAttributeValues: { ':list': 'DELIVERIES' },
        }),
      )
      return Items
    },
    async stop() {
      documents.destroy()
      await Promise.all([database.stop(), sink.stop(), kms.stop(), sns.stop(), eventBridge.stop()])
    },
  }
}

export function budgetEvent(at: Instant, wish: Partial<GatewayEvent> = {}): GatewayEvent {
  const userId = wish.userId ?? randomUUID()
  const limit = nanoUsd(50_000_000_000)
  return {
    id: budgetEventId({ kind: 'user', id: userId }, 'weekly', at, limit, { at_percent: 80, action: 'notify' }),
    type: 'notify',
    userId,
    userEmail: 'ada@example.com',
    keyId: null,
    keyName: null,
    teamId: '22222222-2222-4222-8222-222222222222',
    teamName: 'Compilers',
    detail: {
      thresholdPercent: 80,
      spend: nanoUsd(41_200_000_000),
      limit,
      percent: 82.4,
      period: 'weekly',
      periodStart: instant(Date.parse(`${isoOf(at).slice(0, 10)}T00:00:00Z`)),
    },
    createdAt: at,
    ...wish,
  }
}
