/** The gateway as it is deployed, for tests that speak to it from outside. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { inject } from 'vitest'
import { type Gateway, type GatewayOptions, startGateway } from '../../local/gateway.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The stack, synthesized once for the run. */
    cdkOut: string
  }
}

export interface Deployed extends Gateway {
  /** JSON lines of all functions. */
  readonly logged: readonly string[]
  readonly adminToken: string
  makeKey(wish?: object): Promise<{ readonly id: string; readonly key: string }>
  admin(method: string, path: string, body?: object): Promise<Response>
  /** Every item of a table. */
  items(table: 'core' | 'usage' | 'events' | 'ephemeral', prefix?: string): Promise<Record<string, unknown>[]>
  /** Resolves when no request is pending any more. */
  settled(): Promise<void>
}

export async function deploy(options: Partial<GatewayOptions> = {}): Promise<Deployed> {
  const logged: string[] = []
  const gateway = await startGateway({
    cdkOut: inject('cdkOut'),
    schedules: 'manual',
    ...options,
    log: (line) => void logged.push(line),
  })
  const documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: gateway.databaseEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  )
  // Neither needs what the other makes, and each waits for functions that start.
  const [adminToken] = await Promise.all([signIn(gateway), setUp(gateway)])
  const admin = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(gateway.gatewayUrl + path, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const items: Deployed['items'] = async (table, prefix = '') => {
    const found: Record<string, unknown>[] = []
    let from: Record<string, unknown> | undefined
    do {
      const page = await documents.send(
        new ScanCommand({
          TableName: gateway.tables.get(table),
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        }),
      )
      found.push(...(page.Items ?? []))
      from = page.LastEvaluatedKey
    } while (from !== undefined)
    return found.filter((item) => String(item.PK).startsWith(prefix))
  }
  const stopGateway = gateway.stop
  return Object.assign(gateway, {
    logged,
    adminToken,
    admin,
    items,
    async makeKey(wish: object = {}) {
      const made = await admin('POST', '/admin/keys', wish)
      if (made.status !== 201) throw new Error(`no key: ${made.status} ${await made.text()}`)
      return (await made.json()) as { id: string; key: string }
    },
    async settled() {
      for (let tries = 0; (await items('usage', 'PEND#')).length > 0; tries++) {
        if (tries > 500) throw new Error('a request stays pending')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async stop() {
      documents.destroy()
      await stopGateway()
    },
  }) satisfies Deployed
}

/** What the schedules have done in any gateway that has stood for a while. What is asked for flags is paid for with the prices. */
async function setUp(gateway: Gateway): Promise<void> {
  await gateway.tick('prices')
  await gateway.tick('watch')
}

async function signIn(gateway: Gateway): Promise<string> {
  const answer = await fetch(`${gateway.gatewayUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: gateway.adminUser, password: gateway.adminPassword }),
  })
  return ((await answer.json()) as { token: string }).token
}

export interface Ask {
  readonly key: string
  readonly stream?: boolean
  readonly content?: string
  readonly signal?: AbortSignal
  readonly model?: string
}

/** One question at the data plane's own address. */
export function ask(
  base: string,
  { key, stream = true, content = 'How are you?', signal, model = 'claude-opus-5-5' }: Ask,
): Promise<Response> {
  return fetch(`${base}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model, max_tokens: 1000, stream, messages: [{ role: 'user', content }] }),
    ...(signal && { signal }),
  })
}
