/**
 * A proxy in front of the database that can make it fail in the ways no local engine does by itself: conflicts of
 * transactions, throttling, an answer lost after its commit. It also counts what passes, so that round trips can be told,
 * and refuses what the caller has no permission for.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tableArnOf } from '../deploy/names.ts'
import { needsOf } from './needs.ts'

export type Fault =
  | 'transaction-conflict'
  | 'throttle'
  | 'internal-error'
  /** The database commits, and the answer never arrives. */
  | 'lost-answer'
  /** The same, but the connection stays open: whoever waits has to run out of time. */
  | 'no-answer'
  /** A batch is answered with nothing done. */
  | 'unprocessed-keys'
  /** The connection is broken before the database hears of it. */
  | 'refuse-connection'

export interface Injection {
  readonly fault: Fault
  /** How many matching requests it strikes. */
  readonly times: number
  /** DynamoDB's operation, e.g. `TransactWriteItems`; any when absent. */
  readonly operation?: string
}

export interface FaultProxy {
  readonly endpoint: string
  inject(injection: Injection): void
  clear(): void
  /** From now on nobody can reach the database. */
  down(): void
  up(): void
  /** Operations that came by since the last `forget`, in order. */
  operations(): readonly string[]
  forget(): void
  /** From now on callers (their access key tells who they are) may do only what this allows. */
  enforce(isAllowed: IsAllowed): void
  stop(): Promise<void>
}

/** @param action `dynamodb:Query` @param resource ARN of a table or index */
export type IsAllowed = (caller: string, action: string, resource: string) => boolean

interface Armed extends Injection {
  left: number
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true })
  const armed: Armed[] = []
  const seen: string[] = []
  let isDown = false
  let isAllowed: IsAllowed = () => true
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? ''
    seen.push(operation)
    const strike = armed.find((one) => one.left > 0 && (one.operation === undefined || one.operation === operation))
    if (strike !== undefined && !isDown) strike.left--
    if (isDown || strike?.fault === 'refuse-connection') {
      incoming.socket.destroy()
      return
    }
    void serve(incoming, outgoing, strike?.fault, { target, agent, isAllowed }).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: (injection) => void armed.push({ ...injection, left: injection.times }),
    clear: () => void armed.splice(0),
    down: () => {
      isDown = true
    },
    up: () => {
      isDown = false
    },
    operations: () => [...seen],
    forget: () => void seen.splice(0),
    enforce: (own) => {
      isAllowed = own
    },
    stop: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Upstream {
  readonly target: string
  readonly agent: Agent
  readonly isAllowed: IsAllowed
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Exclude<Fault, 'refuse-connection'> | undefined,
  upstream: Upstream,
): Promise<void> {
  const body = await bytesOf(incoming)
  const denied = denialOf(incoming, body, upstream.isAllowed)
  if (denied !== undefined) {
    outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(denied))
    return
  }
  if (fault === undefined || fault === 'lost-answer' || fault === 'no-answer') {
    const answer = await forward(incoming, body, upstream)
    if (fault === 'no-answer') return
    if (fault !== undefined) return void incoming.socket.destroy()
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
    return
  }
  const { status, json } = FAULTS[fault](JSON.parse(body.toString()) as Record<string, unknown>)
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(json))
}

/** Source: IAM user guide, "Access denied error messages"; Signature Version 4 names the access key in the header. */
function denialOf(incoming: IncomingMessage, body: Buffer, isAllowed: IsAllowed) {
  const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? ''
  const caller = /Credential=([^/]*)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? ''
  const refused = needsOf(operation, JSON.parse(body.toString() || '{}'))
    .map(({ action, table, index }) => ({ action, resource: tableArnOf(table, index) }))
    .find(({ action, resource }) => !isAllowed(caller, action, resource))
  if (refused === undefined) return undefined
  return {
    __type: 'com.amazon.coral.service#AccessDeniedException',
    Message: `User: ${caller} is not authorized to perform: ${refused.action} on resource: ${refused.resource}`,
  }
}

type Answers = Record<
  Exclude<Fault, 'lost-answer' | 'no-answer' | 'refuse-connection'>,
  (body: Record<string, unknown>) => { status: number; json: unknown }
>

const PREFIX = 'com.amazonaws.dynamodb.v20120810#'

/** Source: Amazon DynamoDB developer guide, "Error handling", and the API reference of each operation. */
const FAULTS: Answers = {
  'transaction-conflict': (body) => ({
    status: 400,
    json: {
      __type: `${PREFIX}TransactionCanceledException`,
      Message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]',
      CancellationReasons: ((body.TransactItems as unknown[]) ?? []).map((_, place) =>
        place === 0
          ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
          : { Code: 'None' },
      ),
    },
  }),
  throttle: () => ({
    status: 400,
    json: {
      __type: `${PREFIX}ProvisionedThroughputExceededException`,
      message: 'The level of configured provisioned throughput for the table was exceeded.',
    },
  }),
  'internal-error': () => ({
    status: 500,
    json: { __type: `${PREFIX}InternalServerError`, message: 'Internal server error' },
  }),
  'unprocessed-keys': (body) => ({ status: 200, json: { Responses: {}, UnprocessedKeys: body.RequestItems ?? {} } }),
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function forward(
  incoming: IncomingMessage,
  body: Buffer,
  { target, agent }: Upstream,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { connection: _connection, ...headers } = incoming.headers
    const call = request(target + incoming.url, { method: incoming.method, headers, agent }, (answer) => {
      bytesOf(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: bytes }),
        reject,
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}
