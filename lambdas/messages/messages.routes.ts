/** The data plane over HTTP. Every answer carries `request-id`; every refusal, also of a path or method, is Anthropic's envelope. */
import { type Context, Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { HttpEnvironment } from '../http/invocation.ts'
import { Fault, isFromUpstream } from '../platform/fault.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { Figure } from '../platform/metrics.ts'
import { answerCount, answerMessage, type MessagesPorts, readJsonBody } from './answer.routes.ts'
import { anthropicErrorOf, errorBody } from './anthropic-error.ts'
import { bedrockErrorOf } from './bedrock-error.ts'
import { addBedrockFormat, isBedrockPath } from './bedrock-format.routes.ts'
import { allowCrossOrigin } from './cross-origin.routes.ts'
import { routePathOf } from './request-path.ts'
import { SERVER_SENT_EVENTS } from './sse.ts'

type C = Context<HttpEnvironment>

export function messagesApp(ports: MessagesPorts): Hono<HttpEnvironment> {
  const app = new Hono<HttpEnvironment>({ getPath: (request) => routePathOf(getPath(request)) })
  app.use(async (c, next) => {
    const requestId = ports.newRequestId()
    c.set('requestId', requestId)
    // Before there is an answer: a header that comes after it has it made anew.
    c.header('request-id', requestId)
    await next()
  })
  allowCrossOrigin(app, ports.allowedOrigins)

  app.post('/v1/messages', (c) => answerMessage(c, ports, SERVER_SENT_EVENTS))
  app.post('/v1/messages/count_tokens', async (c) =>
    c.json({ input_tokens: await answerCount(c, ports, () => readJsonBody(c)) }),
  )
  addBedrockFormat(app, ports)
  app.get('/v1/models', async (c) => c.json(await ports.listModels(c.req.raw.headers, c.env.arrivedAt)))
  app.get('/v1/models/:id', async (c) =>
    c.json(await ports.findModel(c.req.raw.headers, c.req.param('id'), c.env.arrivedAt)),
  )
  app.get('/', (c) => c.json({ name: 'Claude Code Gateway', message: 'Set ANTHROPIC_BASE_URL to this address.' }))
  app.get('/api/hello', (c) => c.body(null, 200))
  app.get('/health', async (c) => {
    const db = await ports.databaseAnswers()
    return c.json({ status: db ? 'ok' : 'degraded', db, version: ports.version })
  })

  refuseOtherMethods(app)
  app.notFound((c) => refuse(c, new Fault('not_found', nothingAt(c.req.path))))
  app.onError((thrown, c) => {
    if (thrown instanceof Fault) {
      tellRefusal(thrown, c.get('requestId'), ports.log)
      return refuse(c, thrown)
    }
    ports.log.error('bug', { requestId: c.get('requestId'), ...describeError(thrown) }, [{ name: 'Bugs', value: 1 }])
    return c.json(errorBody('api_error', 'Something is wrong inside the gateway.', c.get('requestId')), 500)
  })
  return app
}

/** One line a request: what Bedrock refused has been settled, and its settlement has told it. */
function tellRefusal(fault: Fault, requestId: string, log: Log): void {
  if (isFromUpstream(fault)) return
  const refusal: Figure = { name: 'Refusals', value: 1, Reason: fault.code }
  // Whoever is refused cannot mend it.
  if (fault.code === 'settings_unreadable') return log.error('settings_unreadable', { requestId }, [refusal])
  if (fault.code !== 'database_unavailable') return log.info('refused', { requestId, reason: fault.code }, [refusal])
  const facts = { requestId, ...describeError(fault.cause) }
  log.error('database_unavailable', facts, [refusal, { name: 'DatabaseUnavailable', value: 1 }])
}

function refuse(c: C, fault: Fault): Response {
  const { status, type, headers } = anthropicErrorOf(fault)
  const body = errorBody(type, fault.message, c.get('requestId'))
  if (!isBedrockPath(c.req.path)) return c.json(body, status as 400, { ...headers })
  return c.json({ ...body, message: fault.message }, status as 400, {
    ...headers,
    'x-amzn-errortype': bedrockErrorOf(fault),
  })
}

const nothingAt = (path: string): string =>
  path.endsWith('/v1/messages')
    ? `There is nothing at ${path}. Set ANTHROPIC_BASE_URL to the gateway's address, without a path.`
    : `There is nothing at ${path}.`

const METHODS: Readonly<Record<string, string>> = {
  '/v1/messages': 'POST',
  '/v1/messages/count_tokens': 'POST',
  '/v1/models': 'GET, HEAD',
  '/v1/models/:id': 'GET, HEAD',
  '/model/:id/:operation{invoke|invoke-with-response-stream|count-tokens}': 'POST',
  '/': 'GET, HEAD',
  '/api/hello': 'GET, HEAD',
  '/health': 'GET, HEAD',
}

function refuseOtherMethods(app: Hono<HttpEnvironment>): void {
  for (const [path, allow] of Object.entries(METHODS)) {
    app.all(path, (c) => {
      c.header('allow', allow)
      return refuse(
        c,
        new Fault('method_not_allowed', `${c.req.method} is not possible at ${c.req.path}, only ${allow}.`),
      )
    })
  }
}
