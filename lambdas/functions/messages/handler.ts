/** The `messages` function: the data plane behind its function URL. */
import { streaming } from '../../http/streaming.host.ts'
import { messagesApp } from '../../messages/messages.routes.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { MessagesEnv } from './env.ts'
import { messagesServices } from './services.ts'

const env = readEnvironment(MessagesEnv)

export const handler = streaming(
  messagesApp(
    messagesServices({
      coreTable: env.CORE_TABLE,
      usageTable: env.USAGE_TABLE,
      allowedOrigins: env.ALLOWED_ORIGINS,
      settings: { inferenceProfilePrefix: env.INFERENCE_PROFILE_PREFIX, onHangUp: 'drain', limitsBody: true },
    }),
  ),
)
