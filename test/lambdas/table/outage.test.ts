import { once } from 'node:events'
import { createServer } from 'node:http'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { isOutage } from '../../../lambdas/table/outage.ts'

/** What the SDK throws when the other end answers in this way. It tries once: a repeat throws the same, seconds later. */
async function thrownAt(endpoint: string): Promise<unknown> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  try {
    return await client.send(new ListTablesCommand()).catch((thrown: unknown) => thrown)
  } finally {
    client.destroy()
  }
}

async function thrownBy(status: number, type: string): Promise<unknown> {
  const server = createServer((request, response) => {
    request.resume()
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: type, message: 'm' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  try {
    return await thrownAt(`http://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('nobody there is an outage', async () => {
  expect(isOutage(await thrownAt('http://127.0.0.1:1'))).toBe(true)
})

test.each([
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
  [400, 'ProvisionedThroughputExceededException'],
  [400, 'ThrottlingException'],
  [400, 'RequestLimitExceeded'],
])('%i %s is an outage', async (status, type) => {
  expect(isOutage(await thrownBy(status, type))).toBe(true)
})

test.each([
  [400, 'ValidationException'],
  [400, 'ResourceNotFoundException'],
  [400, 'AccessDeniedException'],
])('%i %s is a mistake of ours', async (status, type) => {
  expect(isOutage(await thrownBy(status, type))).toBe(false)
})

test('a plain error is no outage', () => {
  expect(isOutage(new TypeError('x is not a function'))).toBe(false)
  expect(isOutage('a string')).toBe(false)
})
