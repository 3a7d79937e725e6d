/** What is logged, as a shape; `log.host.ts` writes it. Never a prompt, an answer or a credential. */

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** Name, message and stack of whatever was thrown; its cause too, one level down. */
export function describeError(thrown: unknown): LogFields {
  if (!(thrown instanceof Error)) return { error: String(thrown) }
  const cause = thrown.cause instanceof Error ? { cause: `${thrown.cause.name}: ${thrown.cause.message}` } : {}
  return { error: `${thrown.name}: ${thrown.message}`, stack: thrown.stack, ...cause }
}
