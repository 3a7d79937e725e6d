import { jsonLog } from '../../platform/log.host.ts'

const log = jsonLog()

export const handler = async (): Promise<void> => log.info('outbox.idle')
