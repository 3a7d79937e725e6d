/**
 * A fault: the request cannot go on, and the caller is to be told why. Thrown anywhere, mapped once per
 * protocol at the edge (`messages/anthropic-error.ts`, the control plane's error handler).
 * Anything thrown that is not a `Fault` is a bug: 500, logged, nothing of it leaves.
 */

export type FaultCode =
  | 'unauthenticated' // no credential, or one that is unknown, revoked or expired
  | 'suspended' // the credential is known, its key or its owner is not active
  | 'forbidden' // known and active, but not entitled to this
  | 'not_found'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'invalid_request' // the body or the query is wrong; the message names the field
  | 'conflict'
  | 'model_refused' // unknown model, or one the caller may not use
  | 'no_endpoint' // nobody is set up to be asked
  | 'over_budget'
  | 'spend_limit_exceeded' // the same, for clients that know it as a rate
  | 'rate_limited'
  | 'upstream_rejected' // Bedrock said no to this very request, in its own words
  | 'upstream_forbidden' // Bedrock refuses the gateway's role or account
  | 'upstream_busy' // throttled or unreachable everywhere
  | 'upstream_timeout'
  | 'upstream_out_of_time' // an answer in one piece takes longer than a request may run
  | 'upstream_failed'
  | 'database_unavailable'
  | 'settings_unreadable' // what an administrator has set was written by a newer version, and has to be set again

export interface FaultOptions {
  /** When the caller may try again, in whole seconds from now. */
  readonly retryAfterSeconds?: number
  /** Facts for the log, never for the caller; no prompt, no credential. */
  readonly detail?: Readonly<Record<string, unknown>>
  /** Further members of the error that the caller gets, where a program has to go by them. */
  readonly told?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

export class Fault extends Error {
  override name = 'Fault'
  readonly code: FaultCode
  readonly retryAfterSeconds: number | undefined
  readonly detail: Readonly<Record<string, unknown>>
  readonly told: Readonly<Record<string, unknown>>

  /** @param message What the caller reads: one plain sentence that says what to do. */
  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.detail = options.detail ?? {}
    this.told = options.told ?? {}
  }
}

/** Bedrock was asked, and it was Bedrock that refused or did not answer. */
export const isFromUpstream = ({ code, detail }: Fault): boolean => code.startsWith('upstream_') || 'upstream' in detail
