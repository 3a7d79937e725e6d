import * as z from 'zod/mini'
import { ROUTING_PREFIXES } from '../../endpoints/endpoint.ts'

/** What the `control` function reads from its environment. */
export const ControlEnv = z.object({
  CORE_TABLE: z.string(),
  USAGE_TABLE: z.string(),
  EVENTS_TABLE: z.string(),
  EPHEMERAL_TABLE: z.string(),
  /** Secrets Manager: `{"username": …, "password": …}` of the bootstrap administrator, generated at deployment. */
  ADMIN_SECRET_ARN: z.string(),
  /** Secrets Manager: `{"kid": …, "key": …}`, the key that signs portal sessions (two versions are honoured). */
  SESSION_SECRET_ARN: z.string(),
  /** Secrets Manager: the value CloudFront sends as `x-origin-verify`; requests without it are refused. */
  ORIGIN_SECRET_ARN: z.string(),
  /** Where Claude Code is pointed at, without a slash at its end. */
  MESSAGES_URL: z.string(),
  /** Scope of the endpoint that the deployment brings. */
  INFERENCE_PROFILE_PREFIX: z.enum(ROUTING_PREFIXES),
  /** Of the gateway itself: what the roles of other accounts have to trust. */
  ACCOUNT_ID: z.string(),
  /** Names of the roles that the gateway may assume: one, or a pattern with `*`. */
  ENDPOINT_ROLE_NAMES: z.string(),
  /** KMS: the key under which secrets that administrators enter are sealed. */
  SEALING_KEY_ARN: z.string(),
  /** Roles that speak to a destination of notifications, with commas. */
  PUBLISHER_ROLE_ARNS: z.string(),
  /** Hosts that may be asked wherever they are, with commas; over http too. */
  OUTBOUND_ALLOWED_HOSTS: z._default(z.string(), ''),
  /** PEM: certificates that are trusted beside the usual ones. */
  OUTBOUND_EXTRA_CA: z._default(z.string(), ''),
  /** Lambda's own variable. */
  AWS_REGION: z.string(),
})
