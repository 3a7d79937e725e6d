/**
 * Whether a request came through the distribution: only CloudFront knows the value of `x-origin-verify`. What it says
 * about the host and the client's address is believed for that reason and for no other.
 */
import type { Instant } from '../platform/instant.ts'
import { sameSecret } from './credential.ts'
import { currentSecret, keepSecret, type Secrets } from './secrets.client.ts'

export interface Origin {
  isProvedBy(header: string | null, at: Instant): Promise<boolean>
}

export function openOrigin(secrets: Secrets, arn: string): Origin {
  const secret = keepSecret(() => currentSecret(secrets, arn))
  return {
    async isProvedBy(header, at) {
      if (header === null) return false
      return sameSecret(header, await secret.value(at)) || sameSecret(header, await secret.renewed(at))
    },
  }
}
