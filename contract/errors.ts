/** How the control plane says no. */
import * as z from 'zod'

/** Every refusal under `/admin`. */
export const AdminError = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.literal('admin_error'), message: z.string() }),
})

/** 409 of a row that is there already and is not overwritten. */
export const ConflictError = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.literal('conflict'), message: z.string() }),
})

/** 401 of `/auth/me`: the envelope of the data plane, since its callers hold data-plane credentials. */
export const AuthenticationError = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.literal('authentication_error'), message: z.string() }),
})

/** Refusals of sign-in, and 403 of `/auth/me`. */
export const PlainError = z.object({ error: z.object({ message: z.string() }) })
