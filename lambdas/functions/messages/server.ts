/** The data plane behind a plain HTTP server: the same app as the function's, for containers and the bench. */
import { servePlainly } from '../../http/plain-server.host.ts'
import { messagesApp } from '../../messages/messages.routes.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { LONGEST_REQUEST_MS } from '../../spend/request-record.ts'
import { MessagesServerEnv } from './env.ts'
import { messagesServices, optionsOf } from './services.ts'

const env = readEnvironment(MessagesServerEnv)

const server = await servePlainly(
  messagesApp(messagesServices(optionsOf(env, { onHangUp: 'abort', limitsBody: false }))),
  { host: env.HOST, port: env.PORT, longestRequestMs: LONGEST_REQUEST_MS },
)
jsonLog().info('listening', { url: server.url })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // What runs is answered and settled first. A second signal ends it at once: what was pending then is settled by `watch`.
  process.once(signal, () => void server.stop().then(() => process.exit(0)))
}
