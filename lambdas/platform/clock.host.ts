/** The clock and chance of the machine. Only hosts read them; everything else is given a value. */
import { randomBytes, randomUUID } from 'node:crypto'
import { type Instant, instant } from './instant.ts'

/** The wall clock. Where the platform tells when a request came in, that is believed instead. */
export const now = (): Instant => instant(Date.now())

/** Milliseconds of a clock that never jumps; only differences mean anything. */
export const monotonicMs = (): number => performance.now()

export const newId = (): string => randomUUID()

/** `req_` and 32 hex digits: 36 characters, the most that DynamoDB's ClientRequestToken takes. */
export const newRequestId = (): string => `req_${randomBytes(16).toString('hex')}`

/** `bytes` of cryptographic chance, as lower-case hex. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')
