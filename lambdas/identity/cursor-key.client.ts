/** The key that signs cursors, derived from the one that signs sessions: a secret less to keep. */
import { hkdfSync } from 'node:crypto'
import * as z from 'zod'
import type { Instant } from '../platform/instant.ts'
import { currentSecret, keepSecret, type Secrets } from './secrets.client.ts'

export type CursorKey = (at: Instant) => Promise<Uint8Array>

const SigningKey = z.object({ key: z.string().min(32) })

/** After a rotation, cursors made before are refused and a list begins anew, environment by environment. */
export function openCursorKey(secrets: Secrets, arn: string): CursorKey {
  const kept = keepSecret(async () => {
    const { key } = SigningKey.parse(JSON.parse(await currentSecret(secrets, arn)))
    return new Uint8Array(hkdfSync('sha256', key, '', 'cursor', 32))
  })
  return (at) => kept.value(at)
}
