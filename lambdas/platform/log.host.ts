/** One JSON object a line on stdout, as CloudWatch Logs Insights reads it. */
import type { Log, LogFields } from './log.ts'

export function jsonLog(write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      write(JSON.stringify({ level, event, ...fields }))
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
