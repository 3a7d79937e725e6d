/** The `messages` function: the data plane behind its function URL. */
import { streaming } from '../../http/streaming.host.ts'
import { messagesApp } from '../../messages/messages.routes.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { MessagesEnv } from './env.ts'
import { messagesServices, optionsOf } from './services.ts'

const env = readEnvironment(MessagesEnv)

export const handler = streaming(messagesApp(messagesServices(optionsOf(env, { onHangUp: 'drain', limitsBody: true }))))
