/** How a webhook knows that it was this gateway: HMAC-SHA256 over when and what, with a secret that both have. Source: RFC 2104. */
import { createHmac } from 'node:crypto'

/** Bytes of chance in a secret: as many as the sum has, more adds nothing. Source: RFC 2104, 3. */
export const SIGNING_SECRET_BYTES = 32

/** @param timestamp Seconds since the epoch, as it is sent: a receiver refuses what is old, and so a message that was recorded. */
export const signatureOf = (signingSecret: string, timestamp: string, body: string): string =>
  `v1=${createHmac('sha256', signingSecret).update(`${timestamp}.${body}`).digest('hex')}`
