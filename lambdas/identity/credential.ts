/**
 * The credential of a control-plane request. The first header present decides, even when what it holds is bad; the
 * cookie counts only where there is none of them.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credential {
  readonly token: string
  /** A cookie is sent by the browser unasked, so it proves less than a header. */
  readonly from: 'header' | 'cookie'
}

/** The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, 4.1.3.2). */
const SESSION_COOKIE = '__Host-session'

const ADMIN_HEADERS = ['x-api-key', 'authorization']
const ACCOUNT_HEADERS = ['x-api-key', 'anthropic-api-key', 'authorization']

/** On `/admin` and `/auth/logout`. */
export const readAdminCredential = (headers: Headers): Credential | undefined => read(headers, ADMIN_HEADERS)

/** On `/auth/me`, which holders of virtual keys call too. */
export const readAccountCredential = (headers: Headers): Credential | undefined => read(headers, ACCOUNT_HEADERS)

function read(headers: Headers, names: readonly string[]): Credential | undefined {
  for (const name of names) {
    const value = headers.get(name)
    // `Headers` trims, so a bearer without a token arrives as the bare word.
    if (value !== null) return { token: value.replace(/^Bearer(?: +|$)/, ''), from: 'header' }
  }
  const token = cookieOf(headers.get('cookie') ?? '', SESSION_COOKIE)
  return token === undefined ? undefined : { token, from: 'cookie' }
}

function cookieOf(header: string, name: string): string | undefined {
  const pair = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}

export const sessionCookie = (token: string, lifetimeSeconds: number): string =>
  `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${lifetimeSeconds}; Secure; HttpOnly; SameSite=Lax`

export const clearedSessionCookie: string = sessionCookie('', 0)

/**
 * Whether a browser says that its page is ours. The host alone is compared: behind the distribution it is https always,
 * and on one's own machine http.
 */
export function isSameOrigin(origin: string | null, gatewayHost: string | null): boolean {
  if (origin === null || gatewayHost === null || !URL.canParse(origin)) return false
  return new URL(origin).host === gatewayHost.toLowerCase()
}

/** Equal or not, in a time that tells nothing about where they differ or how long they are. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * The address to count sign-ins by: the last one of `x-forwarded-for`, which the distribution has added; those before it
 * are what the client claims. Only to be believed of a request that came through the distribution.
 */
export function clientAddressOf(headers: Headers): string {
  const last = (headers.get('x-forwarded-for') ?? '').split(',').at(-1)?.trim()
  return last ? last : 'unknown'
}
