/** Setting Claude Code up with a virtual key: the token that stands in for the key, and the scripts that use it. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { Id, Timestamp } from './fields.ts'
import { route } from './route.ts'

/** How long a setup token can be exchanged: long enough to change to a terminal, too short to be found later. */
export const SETUP_TOKEN_SECONDS = 300

const Token = z
  .string()
  .regex(/^st_[0-9a-f]{32}$/, 'must be st_ and 32 hex digits')
  .meta({ description: 'A setup token.' })

const TokenId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
  .meta({ description: 'SHA-256 of the setup token, in hex; it opens nothing.' })

/** A setup token, at the one moment when it is known. */
export const NewSetupToken = z.object({ id: TokenId, token: Token, expires_at: Timestamp })

const RawKey = z.strictObject({
  raw_key: z
    .string()
    .regex(/^sk-proxy-[0-9a-f]{64}$/, 'must be sk-proxy- and 64 hex digits')
    .meta({ description: 'The key as it was shown at its creation.' }),
})

const SetupTokenState = z.object({
  id: TokenId,
  key_id: Id,
  state: z.enum(['waiting', 'fetched', 'used', 'expired']),
  expires_at: Timestamp,
  fetched_at: z.nullable(Timestamp).meta({ description: 'When a script first took the key.' }),
  used_at: z.nullable(Timestamp).meta({ description: 'When a script said that the settings are written.' }),
  used_from: z.nullable(z.string()).meta({ description: 'The system that the script ran on.' }),
  first_request_at: z
    .nullable(Timestamp)
    .meta({ description: 'A request with the key since the token was made; null as long as there is none.' }),
})

const ByToken = z.strictObject({ token: Token })

/** 40 characters hold every name of a system that there is. */
const System = z
  .string()
  .refine((system) => !/\p{Cc}/u.test(system), 'must not contain control characters')
  .trim()
  .min(1, 'must not be empty')
  .max(40, 'must have at most 40 characters')
  .meta({ description: 'For example macOS, Linux, WSL or Windows.' })

export const createSetupToken = route({
  method: 'POST',
  path: '/admin/keys/{id}/setup-token',
  access: 'any',
  summary: 'Make a setup token for a key whose raw text is at hand.',
  params: z.object({ id: Id }),
  body: RawKey,
  responses: {
    200: NewSetupToken.extend({ expires_in_secs: z.literal(SETUP_TOKEN_SECONDS) }),
    400: AdminError,
    404: AdminError,
  },
})

export const readSetupToken = route({
  method: 'GET',
  path: '/admin/setup-tokens/{id}',
  access: 'any',
  summary: 'How far a setup has come; only for who made the token, or an admin.',
  params: z.object({ id: TokenId }),
  responses: { 200: SetupTokenState, 404: AdminError },
})

export const exchangeSetupToken = route({
  method: 'POST',
  path: '/auth/setup/exchange',
  access: 'public',
  summary: 'Give the key for a setup token; may be repeated until the setup is confirmed or the token expires.',
  body: ByToken,
  responses: {
    200: z.object({
      key: z.string(),
      base_url: z.string().meta({ description: 'For ANTHROPIC_BASE_URL.' }),
      name: z.nullable(z.string()).meta({ description: 'Of the key.' }),
    }),
    404: AdminError,
    429: AdminError,
  },
})

export const confirmSetup = route({
  method: 'POST',
  path: '/auth/setup/confirm',
  access: 'public',
  summary: 'Say that the settings are written: the setup token is used up by it.',
  body: ByToken.extend({ system: System }),
  responses: { 200: z.object({ confirmed: z.literal(true) }), 404: AdminError, 429: AdminError },
})

/** Loose on purpose: a script is piped into a shell, so what is wrong here is told by a script that says so. */
const ScriptQuery = z.object({
  platform: z.string().optional().meta({ description: '`windows` for PowerShell; else a POSIX shell.' }),
  token: z.string().optional().meta({ description: 'Default of the option of that name. It is not used up by this.' }),
  scope: z
    .string()
    .optional()
    .meta({ description: '`user` (default) or `project`: default of the option of that name.' }),
})

export const setupScript = route({
  method: 'GET',
  path: '/auth/setup',
  access: 'public',
  summary: 'The script that points Claude Code at this gateway.',
  query: ScriptQuery,
  answersIn: 'text',
  responses: { 200: z.string() },
})

export const removeScript = route({
  method: 'GET',
  path: '/auth/setup/remove',
  access: 'public',
  summary: 'The script that undoes what the setup script did, and nothing else.',
  query: ScriptQuery.pick({ platform: true }),
  answersIn: 'text',
  responses: { 200: z.string() },
})

export const setupRoutes = [
  createSetupToken,
  readSetupToken,
  exchangeSetupToken,
  confirmSetup,
  setupScript,
  removeScript,
] as const
