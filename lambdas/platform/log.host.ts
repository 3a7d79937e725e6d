/** One JSON object a line on stdout, as CloudWatch Logs Insights reads it; with figures it is a line of metrics as well. */
import type { Log, LogFields } from './log.ts'
import { type Figure, metricMembers } from './metrics.ts'

/** The stack's name, which the deployment gives every function; a server that runs outside one has none. */
const gatewayName = (): string => process.env.GATEWAY_NAME ?? 'none'

export function jsonLog(write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Log {
  const gateway = gatewayName()
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}, figures: readonly Figure[] = []): void =>
      write(JSON.stringify({ level, event, ...fields, ...metricMembers(figures, gateway, Date.now()) }))
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
