import * as z from 'zod/mini'
import { ROUTING_PREFIXES } from '../../endpoints/endpoint.ts'

/** What the `messages` function reads from its environment. CDK's `environment` is typed from this schema. */
export const MessagesEnv = z.object({
  CORE_TABLE: z.string(),
  USAGE_TABLE: z.string(),
  EVENTS_TABLE: z.string(),
  EPHEMERAL_TABLE: z.string(),
  /** Of the endpoint that a deployment brings: first part of the inference profile ids it asks for. */
  INFERENCE_PROFILE_PREFIX: z._default(z.enum(ROUTING_PREFIXES), 'global'),
  /** Origins whose pages may call, beside Anthropic's own; separated by commas, `https://*.example.com` is one. */
  ALLOWED_ORIGINS: z._default(
    z.pipe(
      z.string(),
      z.transform((list) => list.split(',').filter(Boolean)),
    ),
    [],
  ),
  /** KMS: the key under which the keys of search providers are sealed. */
  SEALING_KEY_ARN: z.string(),
  /** Hosts that may be asked wherever they are, with commas; over http too. */
  OUTBOUND_ALLOWED_HOSTS: z._default(z.string(), ''),
  /** PEM: certificates that are trusted beside the usual ones. */
  OUTBOUND_EXTRA_CA: z._default(z.string(), ''),
  /** The same as the allowed hosts, for pages that the model reads: whoever asks chooses them. */
  WEB_FETCH_ALLOWED_HOSTS: z._default(z.string(), ''),
})

/** The same behind a plain HTTP server. */
export const MessagesServerEnv = z.extend(MessagesEnv, {
  /** Nobody but this machine, unless it is said. */
  HOST: z._default(z.string(), '127.0.0.1'),
  /** Without it, only search providers that need no key are asked. */
  SEALING_KEY_ARN: z._default(z.string(), ''),
  PORT: z._default(z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535)), 8080),
})
