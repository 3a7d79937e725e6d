/** What is logged, as a shape; `log.host.ts` writes it. Never a prompt, an answer or a credential. */
import type { Figure } from './metrics.ts'

export type LogFields = Readonly<Record<string, unknown>>

/** `figures` are what the line measures, for alarms and the dashboard. */
export interface Log {
  info(event: string, fields?: LogFields, figures?: readonly Figure[]): void
  warn(event: string, fields?: LogFields, figures?: readonly Figure[]): void
  error(event: string, fields?: LogFields, figures?: readonly Figure[]): void
}

/** Name, message and stack of whatever was thrown; its cause too, one level down. */
export function describeError(thrown: unknown): LogFields {
  if (!(thrown instanceof Error)) return { error: String(thrown) }
  const cause = thrown.cause instanceof Error ? { cause: `${thrown.cause.name}: ${thrown.cause.message}` } : {}
  return { error: `${thrown.name}: ${thrown.message}`, stack: thrown.stack, ...cause }
}
