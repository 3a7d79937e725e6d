/** Signing in, who am I, signing out. */
import * as z from 'zod'
import { AdminError, AuthenticationError, PlainError } from './errors.ts'
import { Id, Role, Timestamp } from './fields.ts'
import { route } from './route.ts'

const Login = z.strictObject({
  /** 254 is the longest e-mail address (RFC 5321); 1,024 leaves room for any passphrase and none for a flood. */
  username: z.string().min(1).max(254),
  password: z.string().min(1).max(1024),
})

const Session = z.object({ token: z.string(), role: Role, type: z.literal('session') })

/** A person, whichever way they signed in; the type is called `oidc` for historical reasons. */
const Person = z.object({
  type: z.literal('oidc'),
  sub: z.string().meta({ description: 'the e-mail address, or the name of the bootstrap administrator' }),
  idp: z.string(),
  role: Role,
  user_id: z.nullable(Id),
  email: z.string(),
  display_name: z.nullable(z.string()),
  team: z.nullable(z.object({ id: Id, name: z.string() })),
  features: z.object({
    virtual_keys: z.boolean(),
    websearch_mode: z.enum(['enabled', 'disabled', 'global']),
    admin_login: z.boolean(),
  }),
  session: z.object({ expires_at: Timestamp }),
  first_request_at: z.nullable(Timestamp).meta({ description: 'null as long as nothing has been asked of a model.' }),
  gateway: z.object({
    version: z.string(),
    base_url: z.string().meta({ description: 'For ANTHROPIC_BASE_URL.' }),
  }),
})

const KeyHolder = z.object({
  type: z.literal('virtual_key'),
  name: z.nullable(z.string()),
  user_id: z.nullable(Id),
  team_id: z.nullable(Id),
  role: z.literal('member'),
})

export const login = route({
  method: 'POST',
  path: '/auth/login',
  access: 'public',
  summary: 'Sign in with name and password. The answer also sets the session cookie.',
  body: Login,
  responses: { 200: Session, 401: PlainError, 403: PlainError, 409: PlainError, 429: PlainError },
})

export const whoAmI = route({
  method: 'GET',
  path: '/auth/me',
  access: 'any',
  summary: 'Who the credential belongs to. Virtual keys are accepted here too.',
  responses: { 200: z.discriminatedUnion('type', [Person, KeyHolder]), 401: AuthenticationError, 403: PlainError },
})

export const logout = route({
  method: 'POST',
  path: '/auth/logout',
  access: 'any',
  summary: 'End the session at once, everywhere, and clear the cookie.',
  responses: { 200: z.object({ logged_out: z.literal(true) }), 401: AdminError },
})

export const authRoutes = [login, whoAmI, logout] as const
