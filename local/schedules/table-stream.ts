/** A table's stream to a function, in batches, as Lambda's event source mapping delivers it. */
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import type { LocalFunction } from '../lambda/function.ts'
import type { RecordFilter } from './stream-filter.ts'

export interface TableStreamOptions {
  readonly endpoint: string
  readonly streamArn: string
  readonly batchSize: number
  readonly maximumRetryAttempts: number
  /** What it does not let pass reaches no function. */
  readonly filter: RecordFilter
  log(line: string): void
}

export interface TableStream {
  stop(): Promise<void>
}

/** Lambda asks a stream a few times a second. Source: AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB". */
const POLL_MS = 250

export function startTableStream(fn: LocalFunction, options: TableStreamOptions): TableStream {
  const client = new DynamoDBStreamsClient({
    endpoint: options.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const iterators = new Map<string, string | undefined>()
  let stopped = false
  const pollShard = async (shardId: string): Promise<void> => {
    if (!iterators.has(shardId)) iterators.set(shardId, await firstIterator(client, options.streamArn, shardId))
    const iterator = iterators.get(shardId)
    // A shard that was read to its end has none any more.
    if (iterator === undefined) return
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: options.batchSize }))
    const records = (page.Records ?? []).map(recordOf).filter(options.filter)
    if (records.length > 0) await deliver(fn, records, options)
    iterators.set(shardId, page.NextShardIterator)
  }
  const poll = async (): Promise<void> => {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: options.streamArn }))
    for (const { ShardId } of StreamDescription?.Shards ?? []) if (ShardId !== undefined) await pollShard(ShardId)
  }
  const loop = (async () => {
    while (!stopped) {
      await poll().catch((error: unknown) => {
        // What was held may have expired; begin again at what is left of the shards.
        iterators.clear()
        if (!stopped) options.log(`stream: ${String(error)}`)
      })
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  })()
  return {
    async stop() {
      stopped = true
      await loop
      client.destroy()
    },
  }
}

async function firstIterator(
  client: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
): Promise<string | undefined> {
  const command = new GetShardIteratorCommand({
    StreamArn: streamArn,
    ShardId: shardId,
    ShardIteratorType: 'TRIM_HORIZON',
  })
  return (await client.send(command)).ShardIterator
}

interface StreamRecord {
  readonly eventID: string | undefined
  readonly dynamodb: { readonly SequenceNumber?: string | undefined }
}

/** The SDK gives dates and parsed values; Lambda's event has seconds and the wire's own JSON. */
const recordOf = (record: _Record): StreamRecord & Record<string, unknown> => {
  const change = record.dynamodb
  const created = change?.ApproximateCreationDateTime
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: { ...change, ...(created && { ApproximateCreationDateTime: created.getTime() / 1000 }) },
  }
}

/** A batch that failed is tried again from where it failed, then given up, as the mapping says. */
async function deliver(
  fn: LocalFunction,
  records: readonly StreamRecord[],
  options: TableStreamOptions,
): Promise<void> {
  let rest = records
  for (let attempt = 0; attempt <= options.maximumRetryAttempts && rest.length > 0; attempt++) {
    try {
      const answer = (await fn.invoke({ Records: rest })) as
        | { batchItemFailures?: { itemIdentifier: string }[] }
        | undefined
      const failed = answer?.batchItemFailures?.[0]?.itemIdentifier
      // A number that is none of the batch's fails all of it.
      const from = rest.findIndex((record) => record.dynamodb.SequenceNumber === failed)
      rest = failed === undefined ? [] : rest.slice(Math.max(from, 0))
    } catch (thrown) {
      options.log(`stream: ${String(thrown)}`)
    }
  }
}
