/** Whether something thrown by the SDK means that the database cannot answer now, as against a mistake of ours. */

/** What DynamoDB says when it is asked for more than it gives at the moment. */
const BUSY = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
])

/** What the SDK says when no answer came: its own time-outs, and Node's names for a peer that is not there. */
const SILENT = new Set([
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
])

/** DynamoDB has left keys of a batch unread, again and again: it is asked for more than it gives. */
export class LeftUnread extends Error {
  override name = 'ThrottlingException'
}

/** A rival, or more than the table gives at the moment: a transaction that was cancelled for it gets through at another time. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

/** @param code Of a transaction's cancellation reason. */
export const isPassing = (code: string | undefined): boolean => code !== undefined && PASSING.has(code)

const isCrowded = (thrown: Error): boolean => {
  const { CancellationReasons: reasons } = thrown as { CancellationReasons?: readonly { readonly Code?: string }[] }
  return (
    thrown.name === 'TransactionCanceledException' &&
    reasons?.every(({ Code }) => Code === 'None' || isPassing(Code)) === true
  )
}

export function isOutage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  if (isCrowded(thrown)) return true
  const { code, $metadata } = thrown as { code?: unknown; $metadata?: { httpStatusCode?: number } }
  if (BUSY.has(thrown.name) || SILENT.has(thrown.name) || (typeof code === 'string' && SILENT.has(code))) return true
  return ($metadata?.httpStatusCode ?? 0) >= 500
}
