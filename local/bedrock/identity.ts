/** Whose call of Bedrock it is: by signature, or by an API key. Source: Amazon Bedrock user guide, "API keys". */
import { callerOf, type Identify, type Identity, ownIdentity } from '../aws/caller.ts'
import type { Request } from './two-protocols.ts'
import type { Refusal } from './validation.ts'

export interface BedrockCaller extends Identity {
  readonly accessKeyId: string
  readonly region: string
}

/** Where a call with an API key goes: its host would tell, and here all share one. */
const REGION_OF_BEARER = 'us-east-1'

export function bedrockCallerOf({ headers }: Request, identify: Identify): BedrockCaller | Refusal {
  const { authorization } = headers
  if (authorization?.startsWith('Bearer '))
    return { ...ownIdentity('bearer'), accessKeyId: 'bearer', region: REGION_OF_BEARER }
  const caller = callerOf(authorization, 'bedrock')
  if (caller === undefined) return refusal('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const token = headers['x-amz-security-token']
  const identity = identify(caller.accessKeyId, typeof token === 'string' ? token : undefined)
  if (identity === 'expired')
    return refusal('ExpiredTokenException', 'The security token included in the request is expired')
  if (identity === 'invalid')
    return refusal('UnrecognizedClientException', 'The security token included in the request is invalid.')
  return { ...identity, ...caller }
}

const refusal = (type: string, message: string): Refusal => ({ status: 403, type, message })
