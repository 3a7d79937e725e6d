/** What the simulated model does next: told by a test, or by the conversation itself. */

export type Behaviour =
  | { readonly kind: 'text'; readonly text?: string; readonly tokens?: number; readonly chunkDelayMs?: number }
  | { readonly kind: 'tool'; readonly name: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'thinking'; readonly text: string }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly type: string
      readonly message: string
      readonly retryAfterSeconds?: number
    }
  /** An exception as a frame of the stream, after so many events. `type` as the stream names it: `throttlingException`. */
  | {
      readonly kind: 'exception-mid-stream'
      readonly type: string
      readonly message: string
      readonly afterEvents: number
    }
  | { readonly kind: 'silence'; readonly beforeMs?: number; readonly betweenMs?: number }
  /** Frames cut into pieces of a few bytes. */
  | { readonly kind: 'slow-frames' }
  /** The connection is broken off after so many events; 0: before the answer begins. */
  | { readonly kind: 'reset'; readonly afterEvents: number }
  /** The stream ends as if it were whole, after so many events. */
  | { readonly kind: 'early-end'; readonly afterEvents: number }
  /** The stream ends in the middle of a frame. */
  | { readonly kind: 'truncated-frame' }
  /** Text deltas of a kilobyte each, until so many bytes have been sent. */
  | { readonly kind: 'large'; readonly bytes: number }

export interface Script {
  /** For the next call alone; several queue up. */
  next(behaviour: Behaviour): void
  /** For every call from now on. */
  always(behaviour: Behaviour): void
  clear(): void
}

export interface ScriptReader extends Script {
  /** `undefined`: the conversation decides. */
  take(): Behaviour | undefined
}

export function createScript(): ScriptReader {
  const queue: Behaviour[] = []
  let standing: Behaviour | undefined
  return {
    next: (behaviour) => void queue.push(behaviour),
    always: (behaviour) => {
      standing = behaviour
    },
    clear: () => {
      queue.splice(0)
      standing = undefined
    },
    take: () => queue.shift() ?? standing,
  }
}
