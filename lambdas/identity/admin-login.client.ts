/**
 * Name and password of the administrator that the deployment brings. Read at every sign-in (they are few, and limited),
 * so that a changed password holds at once.
 */
import * as z from 'zod'
import { sameSecret } from './credential.ts'
import { currentSecret, type Secrets } from './secrets.client.ts'

export interface AdminLogin {
  /** The administrator's name if both fit, else `undefined`. */
  check(username: string, password: string): Promise<string | undefined>
}

const AdminSecret = z.object({ username: z.string().min(1), password: z.string().min(1) })

export function openAdminLogin(secrets: Secrets, arn: string): AdminLogin {
  return {
    async check(username, password) {
      const expected = AdminSecret.parse(JSON.parse(await currentSecret(secrets, arn)))
      const nameFits = sameSecret(username, expected.username)
      const passwordFits = sameSecret(password, expected.password)
      return nameFits && passwordFits ? expected.username : undefined
    },
  }
}
