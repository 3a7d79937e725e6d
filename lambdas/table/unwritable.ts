/**
 * Whether something thrown by the SDK means that what was to be written can never be written as it is: an item beyond
 * 400 kB, an attribute of the wrong type. Trying again does not help; saying less may.
 * Source: DynamoDB API reference, TransactWriteItems, "Cancellation reason codes".
 */
export function isUnwritable(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  if (thrown.name === 'ValidationException') return true
  const { CancellationReasons } = thrown as { CancellationReasons?: readonly { readonly Code?: string }[] }
  return CancellationReasons?.some(({ Code }) => Code === 'ValidationError') ?? false
}
