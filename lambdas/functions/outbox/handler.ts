/** The `outbox` function: each minute by the schedule, and at once from the Events table's stream. */
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { drainChanges, drainDue, type NumberedChange } from '../../notifications/drain-outbox.flow.ts'
import { openOutbox } from '../../notifications/outbox.store.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { type ScheduledEvent, timeOf } from '../../platform/scheduled.ts'
import { openDocuments } from '../../table/document.store.ts'
import { OUTBOX_SHARDS } from '../../table/events-keys.ts'
import { OutboxEnv } from './env.ts'

const env = readEnvironment(OutboxEnv)
const log = jsonLog()
const tools = { outbox: openOutbox(openDocuments(), env.EVENTS_TABLE), log, shards: OUTBOX_SHARDS }

/** The stream needs the partial answer (`ReportBatchItemFailures`); the schedule reads none. */
export async function handler(event: ScheduledEvent | DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  if ('Records' in event) {
    const failed = await drainChanges(event.Records.map(numbered), tools)
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] }
  }
  log.info('outbox', { finished: await drainDue(timeOf(event), tools) })
  return { batchItemFailures: [] }
}

const numbered = (record: DynamoDBStreamEvent['Records'][number]): NumberedChange => ({
  eventName: record.eventName,
  dynamodb: record.dynamodb,
  sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
})
