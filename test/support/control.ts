/** The control plane's app over the embedded database and real clients, with a clock that a test tells. */
import { randomUUID } from 'node:crypto'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { controlApp } from '../../lambdas/functions/control/app.ts'
import { type Connections, controlServices } from '../../lambdas/functions/control/services.ts'
import { bodyOfText } from '../../lambdas/http/body.ts'
import type { Invocation } from '../../lambdas/http/invocation.ts'
import { openSecrets } from '../../lambdas/identity/secrets.client.ts'
import { beginSession } from '../../lambdas/identity/session.ts'
import { openSessionTokens } from '../../lambdas/identity/session-tokens.client.ts'
import { openSessions } from '../../lambdas/identity/sessions.store.ts'
import { newUser, type User } from '../../lambdas/people/user.ts'
import { addMs, type Instant, instant } from '../../lambdas/platform/instant.ts'
import { jsonLog } from '../../lambdas/platform/log.host.ts'
import { type Documents, openDocuments } from '../../lambdas/table/document.store.ts'
import { type SecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts'
import { startDatabase } from '../../local/database/engine.ts'
import { SEALING_KEY, type TestAws } from './aws.ts'
import { createTables, type TableNames } from './tables.ts'

export const ADMIN = { username: 'admin', password: 'correct horse battery staple' }
export const ORIGIN_VALUE = 'the value that only the distribution knows'
const HOST = 'gateway.example'
export const MESSAGES_URL = 'https://messages.example'
export const ARNS = { admin: 'arn:admin', session: 'arn:session', origin: 'arn:origin' }
export const signingKey = (kid: string): string =>
  JSON.stringify({ kid, key: `${kid}-${'0123456789abcdef'.repeat(4)}` })

interface Ask {
  readonly token?: string
  readonly cookie?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Taken as they are; `null` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly rawBody?: string
}

interface Answered {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and says what it expects.
  readonly body: any
}

export interface TestPerson extends User {
  readonly token: string
  readonly sessionId: string
}

export interface TestControl {
  readonly documents: Documents
  readonly tables: TableNames
  readonly secrets: SecretsManager
  readonly logged: readonly string[]
  now(): Instant
  advance(ms: number): void
  ask(method: string, path: string, request?: Ask): Promise<Answered>
  /** A user with a session, put straight into the table. */
  person(wish?: Partial<User>): Promise<TestPerson>
  put(item: Record<string, unknown>, table?: keyof TableNames): Promise<void>
  stopDatabase(): Promise<void>
  stop(): Promise<void>
}

/**
 * @param aws Where it finds AWS's services, for tests that ask them.
 * @param between What stands between it and the database, whose address it is told.
 */
export async function startControl(
  aws?: TestAws,
  between: (database: string) => Promise<string> = async (database) => database,
): Promise<TestControl> {
  const [database, secrets] = await Promise.all([startDatabase(), startSecretsManager()])
  const tables = await createTables(database.endpoint)
  secrets.put(ARNS.admin, JSON.stringify(ADMIN))
  secrets.put(ARNS.session, signingKey('first'))
  secrets.put(ARNS.origin, ORIGIN_VALUE)
  const documents = openDocuments({ endpoint: await between(database.endpoint) })
  const reader = openSecrets({ endpoint: secrets.endpoint })
  const logged: string[] = []
  const app = appOver(tables, {
    documents,
    secrets: reader,
    log: jsonLog((line) => void logged.push(line)),
    ...(aws && { aws: placesOf(aws) }),
  })
  let at = instant(Date.UTC(2026, 10, 24, 12, 30, 0))
  let running = true
  const stopDatabase = async () => {
    if (running) await database.stop()
    running = false
  }
  return {
    documents,
    tables,
    secrets,
    logged,
    now: () => at,
    advance: (ms) => {
      at = addMs(at, ms)
    },
    ask: (method, path, request = {}) => askApp(app, at, method, path, request),
    person: (wish = {}) => makePerson(tables, { documents, secrets: reader }, at, wish),
    put: async (item, table = 'core') =>
      void (await documents.send(new PutCommand({ TableName: tables[table], Item: item }))),
    stopDatabase,
    async stop() {
      documents.destroy()
      await stopDatabase()
      await secrets.stop()
    },
  }
}

const placesOf = ({ bedrock, quotas, priceLists, sts, kms, sns, eventBridge }: TestAws): Connections['aws'] & {} => ({
  bedrock: bedrock.url,
  serviceQuotas: quotas.endpoint,
  pricing: priceLists.endpoint,
  sts: sts.endpoint,
  kms: kms.endpoint,
  sns: sns.endpoint,
  eventBridge: eventBridge.endpoint,
  credentials: { accessKeyId: 'control', secretAccessKey: 'local' },
})

const appOver = (tables: TableNames, connections: Connections) =>
  controlApp(
    controlServices(
      {
        CORE_TABLE: tables.core,
        USAGE_TABLE: tables.usage,
        EVENTS_TABLE: tables.events,
        EPHEMERAL_TABLE: tables.ephemeral,
        ADMIN_SECRET_ARN: ARNS.admin,
        SESSION_SECRET_ARN: ARNS.session,
        ORIGIN_SECRET_ARN: ARNS.origin,
        MESSAGES_URL,
        INFERENCE_PROFILE_PREFIX: 'us',
        ACCOUNT_ID: '000000000000',
        ENDPOINT_ROLE_NAMES: 'ccag-*',
        SEALING_KEY_ARN: SEALING_KEY,
        PUBLISHER_ROLE_ARNS: 'arn:aws:iam::000000000000:role/outbox,arn:aws:iam::000000000000:role/control',
        OUTBOUND_ALLOWED_HOSTS: 'localhost',
        OUTBOUND_EXTRA_CA: '',
        AWS_REGION: 'us-east-1',
      },
      connections,
    ),
  )

async function askApp(
  app: ReturnType<typeof controlApp>,
  arrivedAt: Instant,
  method: string,
  path: string,
  request: Ask,
): Promise<Answered> {
  const rawBody = request.rawBody ?? (request.body === undefined ? '' : JSON.stringify(request.body))
  const invocation: Invocation = {
    arrivedAt,
    elapsedMs: () => 0,
    remainingMs: () => 900_000,
    readBody: async () => bodyOfText(rawBody),
    throughDistribution: true,
  }
  const response = await app.request(path, { method, headers: headersOf(request, rawBody) }, invocation)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  const body = text === '' ? undefined : isJson ? JSON.parse(text) : text
  return { status: response.status, headers: response.headers, body }
}

async function makePerson(
  tables: TableNames,
  { documents, secrets }: Connections,
  at: Instant,
  wish: Partial<User>,
): Promise<TestPerson> {
  const id = wish.id ?? randomUUID()
  const user = newUser(id, `${id}@example.com`, at, wish)
  const session = beginSession(randomUUID(), id, 'Local', at)
  const begun = await openSessions(documents, tables, { sleep: async () => {}, chance: () => 0 }).begin(
    session,
    { created: user },
    [],
  )
  if (!begun) throw new Error('there is such a person already')
  const token = await openSessionTokens(secrets, ARNS.session).issue(
    { userId: id, sessionId: session.id, idp: 'Local' },
    at,
  )
  return { ...user, token, sessionId: session.id }
}

function headersOf(request: Ask, rawBody: string): Headers {
  const headers = new Headers({
    'x-origin-verify': ORIGIN_VALUE,
    'x-gateway-host': HOST,
    'x-forwarded-for': '203.0.113.7',
    ...(rawBody !== '' && { 'content-type': 'application/json' }),
    ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
    ...(request.cookie !== undefined && { cookie: `__Host-session=${request.cookie}` }),
  })
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return headers
}
