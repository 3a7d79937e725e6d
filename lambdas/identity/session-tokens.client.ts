/**
 * Session tokens: JWTs (HS256) signed with the key that Secrets Manager holds. A token proves that a session was begun;
 * whether it still lasts, the session row says (`sessions.store.ts`), and what its person may do, the user row.
 */
import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { Instant } from '../platform/instant.ts'
import { currentSecret, keepSecret, type Secrets } from './secrets.client.ts'
import { SESSION_SECONDS } from './session.ts'

interface SessionClaims {
  readonly userId: string
  readonly sessionId: string
  readonly idp: string
}

export interface SessionTokens {
  issue(claims: SessionClaims, at: Instant): Promise<string>
  /** `undefined` for whatever is not a valid, unexpired token of ours. */
  verify(token: string, at: Instant): Promise<SessionClaims | undefined>
}

const ISSUER = 'ccag'

/** 32 characters: below 256 bits of text the key would be the weak part of HS256 (RFC 7518, 3.2). */
const SigningKey = z.object({ kid: z.string().min(1), key: z.string().min(32) })

const Claims = z.object({ sub: z.string(), sid: z.string(), idp: z.string() })

export function openSessionTokens(secrets: Secrets, arn: string): SessionTokens {
  const keys = keepSecret(async () => {
    const [current, previous] = await Promise.all([currentSecret(secrets, arn), secrets.read(arn, 'AWSPREVIOUS')])
    const signing = signingKeyOf(current)
    return { signing, honoured: previous === undefined ? [signing] : [signing, signingKeyOf(previous)] }
  })
  const keyFor = async (kid: string | undefined, at: Instant): Promise<Uint8Array> => {
    const find = (kept: Awaited<ReturnType<typeof keys.value>>) => kept.honoured.find((one) => one.kid === kid)
    const found = find(await keys.value(at)) ?? find(await keys.renewed(at))
    if (found === undefined) throw new errors.JWKSNoMatchingKey()
    return found.key
  }
  return {
    async issue(claims, at) {
      const { kid, key } = (await keys.value(at)).signing
      const seconds = Math.floor(at / 1000)
      return await new SignJWT({ sid: claims.sessionId, idp: claims.idp })
        .setProtectedHeader({ alg: 'HS256', kid })
        .setSubject(claims.userId)
        .setIssuer(ISSUER)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + SESSION_SECONDS)
        .sign(key)
    },
    async verify(token, at) {
      try {
        const { payload } = await jwtVerify(token, (header) => keyFor(header.kid, at), {
          algorithms: ['HS256'],
          issuer: ISSUER,
          requiredClaims: ['exp', 'sub', 'sid'],
          currentDate: new Date(at),
        })
        const claims = Claims.safeParse(payload)
        return claims.success
          ? { userId: claims.data.sub, sessionId: claims.data.sid, idp: claims.data.idp }
          : undefined
      } catch (thrown) {
        if (thrown instanceof errors.JOSEError) return undefined
        throw thrown
      }
    },
  }
}

function signingKeyOf(secret: string): { readonly kid: string; readonly key: Uint8Array } {
  const { kid, key } = SigningKey.parse(JSON.parse(secret))
  return { kid, key: new TextEncoder().encode(key) }
}
