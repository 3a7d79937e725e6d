/** Who calls an emulated service: read off the SigV4 credential scope, as every service of AWS does. */

export interface Caller {
  readonly accessKeyId: string
  readonly region: string
}

const SCOPE =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, *SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/

/**
 * The signature's form is checked, not its value: nobody here knows a secret.
 * @param service As the scope names it: `bedrock`, `sts`, `servicequotas`.
 */
export function callerOf(authorization: string | undefined, service: string): Caller | undefined {
  const [, accessKeyId, region, scope] = SCOPE.exec(authorization ?? '') ?? []
  return accessKeyId !== undefined && region !== undefined && scope === service ? { accessKeyId, region } : undefined
}

/** The account that the functions' own credentials belong to. */
const OWN_ACCOUNT = '000000000000'

/** What is known of an access key: whose it is, and with which session it came. */
export interface Identity {
  readonly account: string
  /** Of the principal, e.g. `arn:aws:sts::111122223333:assumed-role/name/session`. */
  readonly arn: string
  readonly sessionTags: Readonly<Record<string, string>>
}

/** What a service makes of an access key and the token that came with it. */
export type Identification = Identity | 'expired' | 'invalid'
export type Identify = (accessKeyId: string, sessionToken: string | undefined) => Identification

/** Where nothing gives out credentials, every key is one of the functions' own. */
export const ownIdentity = (accessKeyId: string): Identity => ({
  account: OWN_ACCOUNT,
  arn: `arn:aws:iam::${OWN_ACCOUNT}:user/${accessKeyId}`,
  sessionTags: {},
})

/** The part of AWS a region belongs to, as ARNs name it. */
export function partitionOf(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return region.startsWith('cn-') ? 'aws-cn' : 'aws'
}
