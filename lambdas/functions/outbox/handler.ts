/** The `outbox` function: each minute by the schedule, and at once from the Events table's stream. */
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { drainChanges, drainDue, type NumberedChange } from '../../notifications/drain-outbox.flow.ts'
import { now } from '../../platform/clock.host.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { type ScheduledEvent, timeOf } from '../../platform/scheduled.ts'
import { OutboxEnv } from './env.ts'
import { outboxServices } from './services.ts'

const tools = outboxServices(readEnvironment(OutboxEnv))

/** The stream needs the partial answer (`ReportBatchItemFailures`); the schedule reads none. */
export async function handler(event: ScheduledEvent | DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  if ('Records' in event) {
    // A stream may lag behind, and shows its changes again where they failed: what it says of the time is when they were made.
    const failed = await drainChanges(event.Records.map(numbered), now(), tools)
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] }
  }
  tools.log.info('outbox', { finished: await drainDue(timeOf(event), tools) })
  return { batchItemFailures: [] }
}

const numbered = (record: DynamoDBStreamEvent['Records'][number]): NumberedChange => ({
  eventName: record.eventName,
  dynamodb: record.dynamodb,
  sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
})
