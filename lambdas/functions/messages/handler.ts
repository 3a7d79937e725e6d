/** The `messages` function: the data plane behind its function URL. */
import { streaming } from '../../http/streaming.host.ts'
import { messagesApp } from '../../messages/messages.routes.ts'
import { ownRegion } from '../../platform/aws-environment.host.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { MessagesEnv } from './env.ts'
import { messagesServices } from './services.ts'

const env = readEnvironment(MessagesEnv)

export const handler = streaming(
  messagesApp(
    messagesServices({
      tables: {
        core: env.CORE_TABLE,
        usage: env.USAGE_TABLE,
        events: env.EVENTS_TABLE,
        ephemeral: env.EPHEMERAL_TABLE,
      },
      own: { region: ownRegion(), routingPrefix: env.INFERENCE_PROFILE_PREFIX },
      settings: { onHangUp: 'drain', limitsBody: true },
      allowedOrigins: env.ALLOWED_ORIGINS,
      web: {
        sealingKeyArn: env.SEALING_KEY_ARN,
        outbound: { allowedHosts: env.OUTBOUND_ALLOWED_HOSTS, extraCa: env.OUTBOUND_EXTRA_CA },
        pageHosts: env.WEB_FETCH_ALLOWED_HOSTS,
      },
    }),
  ),
)
