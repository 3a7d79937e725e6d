/** The control plane's app over the embedded database and real clients, with a clock that a test tells. */
import { randomUUID } from 'node:crypto'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { controlApp } from '../../lambdas/functions/control/app.ts'
import { controlServices } from '../../lambdas/functions/control/services.ts'
import { openSecrets } from '../../lambdas/identity/secrets.client.ts'
import { openSessionTokens } from '../../lambdas/identity/session-tokens.client.ts'
import { beginSession } from '../../lambdas/identity/session.ts'
import { openSessions } from '../../lambdas/identity/sessions.store.ts'
import type { User } from '../../lambdas/people/user.ts'
import { userPuts } from '../../lambdas/people/users.store.ts'
import { addMs, type Instant, instant } from '../../lambdas/platform/instant.ts'
import { jsonLog } from '../../lambdas/platform/log.host.ts'
import { type Documents, openDocuments } from '../../lambdas/table/document.store.ts'
import { startDatabase } from '../../local/database/engine.ts'
import { startTestSecrets, type TestSecrets } from './secrets.ts'
import { createTables, type TableNames } from './tables.ts'

export const ADMIN = { username: 'admin', password: 'correct horse battery staple' }
export const ORIGIN_VALUE = 'the value that only the distribution knows'
export const HOST = 'gateway.example'
export const ARNS = { admin: 'arn:admin', session: 'arn:session', origin: 'arn:origin' }
export const signingKey = (kid: string): string => JSON.stringify({ kid, key: `${kid}-${'0123456789abcdef'.repeat(4)}` })

export interface Ask {
  readonly token?: string
  readonly cookie?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Taken as they are; `null` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly rawBody?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and says what it expects.
  readonly body: any
}

export interface TestControl {
  readonly documents: Documents
  readonly tables: TableNames
  readonly secrets: TestSecrets
  readonly logged: readonly string[]
  now(): Instant
  advance(ms: number): void
  ask(method: string, path: string, request?: Ask): Promise<Answered>
  /** A user with a session, put straight into the table. */
  person(wish?: Partial<User>): Promise<User & { readonly token: string; readonly sessionId: string }>
  put(item: Record<string, unknown>, table?: keyof TableNames): Promise<void>
  stopDatabase(): Promise<void>
  stop(): Promise<void>
}

export async function startControl(): Promise<TestControl> {
  const [database, secrets] = await Promise.all([startDatabase(), startTestSecrets()])
  const tables = await createTables(database.endpoint)
  secrets.put(ARNS.admin, JSON.stringify(ADMIN))
  secrets.put(ARNS.session, signingKey('first'))
  secrets.put(ARNS.origin, ORIGIN_VALUE)
  const documents = openDocuments({ endpoint: database.endpoint })
  const logged: string[] = []
  const reader = openSecrets({ endpoint: secrets.endpoint })
  const app = controlApp(
    controlServices(
      {
        CORE_TABLE: tables.core,
        USAGE_TABLE: tables.usage,
        EVENTS_TABLE: tables.events,
        EPHEMERAL_TABLE: tables.ephemeral,
        ADMIN_SECRET_ARN: ARNS.admin,
        SESSION_SECRET_ARN: ARNS.session,
        ORIGIN_SECRET_ARN: ARNS.origin,
      },
      { documents, secrets: reader, log: jsonLog((line) => void logged.push(line)) },
    ),
  )
  let at = instant(Date.UTC(2026, 10, 24, 12, 30, 0))
  let running = true
  const waiting = { sleep: async () => {}, chance: () => 0 }
  const put = async (item: Record<string, unknown>, table: keyof TableNames = 'core') =>
    void (await documents.send(new PutCommand({ TableName: tables[table], Item: item })))

  const control: TestControl = {
    documents,
    tables,
    secrets,
    logged,
    now: () => at,
    advance: (ms) => {
      at = addMs(at, ms)
    },
    async ask(method, path, request = {}) {
      const rawBody = request.rawBody ?? (request.body === undefined ? '' : JSON.stringify(request.body))
      const headers = headersOf(request, rawBody)
      const response = await app.request(path, { method, headers }, {
        arrivedAt: at,
        elapsedMs: () => 0,
        remainingMs: () => 900_000,
        readBody: async () => rawBody,
        throughDistribution: true,
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
    },
    async person(wish = {}) {
      const id = wish.id ?? randomUUID()
      const user: User = {
        id,
        email: `${id}@example.com`,
        role: 'member',
        active: true,
        teamId: null,
        displayName: null,
        createdAt: at,
        ...wish,
      }
      for (const one of userPuts(tables.core, user)) if (one.Put?.Item) await put(one.Put.Item)
      const session = beginSession(randomUUID(), id, 'Local', at)
      await openSessions(documents, tables, waiting).begin(session, undefined, [])
      const tokens = openSessionTokens(reader, ARNS.session)
      const token = await tokens.issue({ userId: id, sessionId: session.id, idp: 'Local' }, at)
      return { ...user, token, sessionId: session.id }
    },
    put,
    async stopDatabase() {
      if (running) await database.stop()
      running = false
    },
    async stop() {
      documents.destroy()
      await control.stopDatabase()
      await secrets.stop()
    },
  }
  return control
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
