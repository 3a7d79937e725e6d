/** Stands in front of the database and keeps count: which operations came by, and what capacity they used. */
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, json } from 'node:stream/consumers'

export interface Used {
  readonly operations: readonly string[]
  /** Read and write request units of on-demand tables. */
  readonly readUnits: number
  readonly writeUnits: number
}

export interface CapacityMeter {
  readonly endpoint: string
  /** Since it was last read. */
  read(): Used
  stop(): Promise<void>
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems'])

export async function startCapacityMeter(database: string): Promise<CapacityMeter> {
  const agent = new Agent({ keepAlive: true })
  let used = { operations: [] as string[], readUnits: 0, writeUnits: 0 }
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? ''
    forward(incoming, database, agent)
      .then(({ status, type, body }) => {
        used.operations.push(operation)
        used[READS.has(operation) ? 'readUnits' : 'writeUnits'] += unitsOf(body)
        // Without the checksum of the original: DynamoDB's clients do not demand one.
        outgoing.writeHead(status, { 'content-type': type }).end(body)
      })
      .catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read: () => {
      const until = used
      used = { operations: [], readUnits: 0, writeUnits: 0 }
      return until
    },
    stop: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

/** The same request, which also asks what it costs. */
async function forward(incoming: IncomingMessage, database: string, agent: Agent): Promise<Answer> {
  const asked = (await json(incoming)) as Record<string, unknown>
  const body = Buffer.from(JSON.stringify({ ...asked, ReturnConsumedCapacity: 'TOTAL' }))
  const { connection: _connection, ...headers } = incoming.headers
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent }
    const call = request(database, options, (answer) => {
      const type = answer.headers['content-type'] ?? 'application/x-amz-json-1.0'
      buffer(answer).then((bytes) => resolve({ status: answer.statusCode ?? 500, type, body: bytes }), reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

interface Consumed {
  readonly CapacityUnits?: number
}

/** One figure, or one a table. */
function unitsOf(answer: Buffer): number {
  const { ConsumedCapacity } = JSON.parse(answer.toString()) as { ConsumedCapacity?: Consumed | readonly Consumed[] }
  return [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0)
}
