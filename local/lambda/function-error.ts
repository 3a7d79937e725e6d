/** What a caller of a function sees of its failure, by Lambda's names. */
export class FunctionError extends Error {
  override name = 'FunctionError'
  /** `Sandbox.Timedout`, `Runtime.ExitError`, or the type of what the handler threw. */
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}
