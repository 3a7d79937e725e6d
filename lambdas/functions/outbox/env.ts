import * as z from 'zod/mini'

/** What the `outbox` function reads from its environment. */
export const OutboxEnv = z.object({
  CORE_TABLE: z.string(),
  EVENTS_TABLE: z.string(),
  /** KMS: the key under which addresses and secrets of webhooks are sealed. */
  SEALING_KEY_ARN: z.string(),
  /** Hosts that may be asked wherever they are, with commas; over http too. */
  OUTBOUND_ALLOWED_HOSTS: z._default(z.string(), ''),
  /** PEM: certificates that are trusted beside the usual ones. */
  OUTBOUND_EXTRA_CA: z._default(z.string(), ''),
})
