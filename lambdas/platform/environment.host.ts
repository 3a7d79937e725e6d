/** Reads a function's environment once, at cold start. Every fault in it is told in one message. */

interface Schema<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } }
}

/** @throws Error naming every variable that is missing or wrong. */
export function readEnvironment<T>(schema: Schema<T>, variables: Record<string, string | undefined> = process.env): T {
  const read = schema.safeParse(variables)
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`the environment is not complete: ${faults.join('; ')}`)
}
