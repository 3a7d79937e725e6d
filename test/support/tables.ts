/** The four tables as the stack has them, under names of their own, so that tests of one engine do not meet. */

import { randomUUID } from 'node:crypto'
import {
  type AttributeDefinition,
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'

export interface TableNames {
  readonly core: string
  readonly usage: string
  readonly events: string
  readonly ephemeral: string
}

const INDEXES: Readonly<Record<keyof TableNames, readonly string[]>> = {
  core: ['GSI1', 'GSI2', 'GSI3'],
  usage: ['GSI1'],
  events: ['GSI1', 'GSI2', 'GSI3'],
  ephemeral: [],
}

export async function createTables(endpoint: string): Promise<TableNames> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials })
  const suffix = randomUUID().slice(0, 8)
  const names = {
    core: `core-${suffix}`,
    usage: `usage-${suffix}`,
    events: `events-${suffix}`,
    ephemeral: `ephemeral-${suffix}`,
  }
  for (const table of ['core', 'usage', 'events', 'ephemeral'] as const) {
    await createTable(client, names[table], INDEXES[table], table === 'events')
  }
  client.destroy()
  return names
}

async function createTable(client: DynamoDBClient, name: string, indexes: readonly string[], withStream: boolean) {
  const attributes = ['PK', 'SK', ...indexes.flatMap((index) => [`${index}PK`, `${index}SK`])]
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map(
        (AttributeName): AttributeDefinition => ({ AttributeName, AttributeType: 'S' }),
      ),
      KeySchema: keySchema('PK', 'SK'),
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(indexOf) }),
      ...(withStream && { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
    }),
  )
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    }),
  )
}

const keySchema = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
]

const indexOf = (index: string): GlobalSecondaryIndex => ({
  IndexName: index,
  KeySchema: keySchema(`${index}PK`, `${index}SK`),
  Projection: { ProjectionType: 'ALL' },
})
