/** The data plane behind a plain HTTP server: the same app as the function's, for containers and the bench. */
import { servePlainly } from '../../http/plain-server.host.ts'
import { messagesApp } from '../../messages/messages.routes.ts'
import { ownRegion } from '../../platform/aws-environment.host.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { jsonLog } from '../../platform/log.host.ts'
import { LONGEST_REQUEST_MS } from '../../spend/request-record.ts'
import { MessagesServerEnv } from './env.ts'
import { messagesServices } from './services.ts'

const env = readEnvironment(MessagesServerEnv)

const server = await servePlainly(
  messagesApp(
    messagesServices({
      tables: {
        core: env.CORE_TABLE,
        usage: env.USAGE_TABLE,
        events: env.EVENTS_TABLE,
        ephemeral: env.EPHEMERAL_TABLE,
      },
      own: { region: ownRegion(), routingPrefix: env.INFERENCE_PROFILE_PREFIX },
      settings: { onHangUp: 'abort', limitsBody: false },
      allowedOrigins: env.ALLOWED_ORIGINS,
      web: {
        sealingKeyArn: env.SEALING_KEY_ARN,
        outbound: { allowedHosts: env.OUTBOUND_ALLOWED_HOSTS, extraCa: env.OUTBOUND_EXTRA_CA },
        pageHosts: env.WEB_FETCH_ALLOWED_HOSTS,
      },
    }),
  ),
  { host: env.HOST, port: env.PORT, longestRequestMs: LONGEST_REQUEST_MS },
)
jsonLog().info('listening', { url: server.url })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // What runs is answered and settled first. A second signal ends it at once: what was pending then is settled by `watch`.
  process.once(signal, () => void server.stop().then(() => process.exit(0)))
}
