/** DynamoDB's document client, made once per cold start. Numbers stay numbers; `undefined` members are left out. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

export type Documents = DynamoDBDocumentClient

export interface DocumentsOptions {
  /** Tests name an engine here; deployed code and `npm start` use `AWS_ENDPOINT_URL_DYNAMODB`, which the SDK reads itself. */
  readonly endpoint?: string
}

export function openDocuments(options: DocumentsOptions = {}): Documents {
  const client = new DynamoDBClient({
    ...(options.endpoint === undefined
      ? {}
      : {
          endpoint: options.endpoint,
          region: 'us-east-1',
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        }),
    // Five tries within about a second: a throttle or a 500 passes, an outage is told to the client while it still waits.
    maxAttempts: 5,
    // DynamoDB answers in milliseconds; a socket that is silent for three seconds is dead, and the SDK tries another. Unless it is told to
    // throw, it only says so in the log and waits on.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  })
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
}
