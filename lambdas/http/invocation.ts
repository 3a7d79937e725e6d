/** What a request brings along beside its headers, whichever host it came through. Bound to Hono's `c.env`. */
import type { Instant } from '../platform/instant.ts'
import type { Body } from './body.ts'

export interface Invocation {
  /** When the platform took the request in; the only reading of the clock that a request makes. */
  readonly arrivedAt: Instant
  /** Milliseconds since arrival, on a clock that never jumps. */
  elapsedMs(): number
  /** Milliseconds until the request has to be over: until the platform ends the function, or what the plain server was told. */
  remainingMs(): number
  /** Read once, and only after the credential has been judged. */
  readBody(): Promise<Body>
  /** The request came through the distribution, which gives up on an origin that stays silent. */
  readonly throughDistribution: boolean
}

/** Hono's environment of every app that runs behind a function URL. */
export interface HttpEnvironment {
  Bindings: Invocation
  Variables: { requestId: string }
}

/** The header by which CloudFront proves itself to an origin. */
export const ORIGIN_HEADER = 'x-origin-verify'
