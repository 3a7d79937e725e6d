/** Why AWS did not do what an administrator asked of it, in words that say what to do. */
import { Fault } from '../platform/fault.ts'

type Reason = 'role' | 'denied' | 'credentials' | 'unreachable' | 'other'

export interface AwsRefusal {
  readonly reason: Reason
  /** AWS's own words. */
  readonly detail: string
}

const DENIED = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'])
/** Also what a region says that is not enabled in an account. */
const CREDENTIALS = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'CredentialsProviderError',
])

/** @param thrown By the SDK, or a fault that STS was the cause of. */
export function readRefusal(thrown: unknown): AwsRefusal {
  if (thrown instanceof Fault) {
    const { upstream, said } = thrown.detail
    const detail = upstream === undefined ? thrown.message : `${String(upstream)}: ${String(said ?? thrown.message)}`
    return { reason: thrown.code === 'upstream_forbidden' ? 'role' : 'unreachable', detail }
  }
  if (!(thrown instanceof Error)) return { reason: 'other', detail: String(thrown) }
  const { $metadata, code } = thrown as { $metadata?: { httpStatusCode?: number }; code?: unknown }
  const detail = `${thrown.name}: ${thrown.message || String(code ?? '')}`
  if (DENIED.has(thrown.name)) return { reason: 'denied', detail }
  if (CREDENTIALS.has(thrown.name)) return { reason: 'credentials', detail }
  return { reason: $metadata?.httpStatusCode === undefined ? 'unreachable' : 'other', detail }
}

/** What the sentence needs to know of the endpoint. */
interface Place {
  readonly region: string
  readonly roleArn: string | null
}

/** @param permission The IAM action that was needed. @param service Whom it was asked of. */
export function adviceFor({ reason }: AwsRefusal, permission: string, service: string, place: Place): string {
  const who = place.roleArn === null ? "The gateway's own role" : `The role ${place.roleArn}`
  switch (reason) {
    case 'role':
      return `The role ${place.roleArn} cannot be assumed. Its trust policy has to allow sts:AssumeRole to the account of the gateway, with the external id of this endpoint where it asks for one.`
    case 'denied':
      return `${who} is not allowed ${permission} in ${place.region}. Add it to the permissions of the role.`
    case 'credentials':
      return `AWS does not take the credentials in ${place.region}. Check that the region is enabled in that account.`
    case 'unreachable':
      return `${service} does not answer in ${place.region}. Check the name of the region, and try again.`
    case 'other':
      return `${service} refused in ${place.region}. Its own words tell more.`
  }
}
