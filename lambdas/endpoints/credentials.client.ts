/**
 * Credentials of the roles behind endpoints in other accounts: STS AssumeRole, in the endpoint's region. The session carries
 * team and user as tags, so that the other account's bill and trail can name them. Nothing is kept outside the memory.
 * Sources: AWS STS API reference, AssumeRole and Tag; IAM user guide, "Pass session tags in AWS STS".
 */
import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'
import type { Endpoint } from './endpoint.ts'

export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** For whom a role is assumed. */
export interface Assumer {
  readonly teamId: string | null
  /** The user's UUID, or `key:<id>`. */
  readonly identity: string | null
}

/** An endpoint whose role is assumed. */
export type RoleEndpoint = Pick<Endpoint, 'id' | 'rev' | 'region' | 'externalId'> & { readonly roleArn: string }

export interface EndpointCredentials {
  /** @throws Fault `upstream_forbidden` where the role is refused, `upstream_busy` where STS does not answer. */
  of(endpoint: RoleEndpoint, assumer: Assumer): Promise<AwsIdentity>
}

export interface CredentialsOptions {
  now(): Instant
  /** Connections that are shared, and the gateway's own credentials where the SDK is not to look for them. */
  readonly client?: Pick<STSClientConfig, 'requestHandler' | 'credentials' | 'endpoint'>
}

/** The most that AWS allows where one role assumes another, as a function does. */
const SESSION_SECONDS = 3600
/** A request that starts now is sent with credentials that last a while; Bedrock checks them once, at its start. */
const REFRESH_BEFORE_MS = 5 * 60_000
/** Long enough that a crowd of requests does not ask STS one by one, short enough that a repaired role works at once. */
const FAILURE_MS = 3_000
/** A trust policy is changed by hand, and rarely; each request in between would cost a call that is refused. */
const WITHOUT_TAGS_MS = 3_600_000
/** People with their teams and endpoints that one environment serves in an hour. One more costs STS a call, each costs a kilobyte. */
const MOST_SESSIONS = 256
/** The second try is for a kept connection that has died; what fails twice is answered elsewhere. */
const TRIES = 2

interface Session {
  readonly identity: AwsIdentity
  readonly expiresAt: number
}

interface Kept {
  readonly session: Promise<Session>
  /** `Infinity` while STS is being asked. */
  usableUntil: number
  /** What was usable before, should STS fail now. */
  readonly before: Promise<Session | null>
}

type Tag = { readonly Key: string; readonly Value: string }

export function openEndpointCredentials({ now, client = {} }: CredentialsOptions): EndpointCredentials {
  const clients = new Map<string, STSClient>()
  const kept = createRecentlyUsed<Kept>(MOST_SESSIONS)
  const withoutTagsUntil = new Map<string, number>()
  const stsIn = (region: string): STSClient => {
    const sts = clients.get(region) ?? new STSClient({ ...client, region, maxAttempts: TRIES })
    clients.set(region, sts)
    return sts
  }
  const ask = (endpoint: RoleEndpoint, tags: readonly Tag[]): Promise<Session> =>
    assume(stsIn(endpoint.region), endpoint, tags).catch((thrown) => {
      if (tags.length === 0 || !isAboutTags(thrown)) throw faultOf(thrown)
      withoutTagsUntil.set(keyOf(endpoint), now() + WITHOUT_TAGS_MS)
      return assume(stsIn(endpoint.region), endpoint, []).catch((again) => {
        throw faultOf(again)
      })
    })
  const begin = (endpoint: RoleEndpoint, tags: readonly Tag[], before: Kept['before']): Kept => {
    const session = ask(endpoint, tags)
    const begun: Kept = { session, usableUntil: Number.POSITIVE_INFINITY, before }
    session.then(
      ({ expiresAt }) => {
        begun.usableUntil = expiresAt - REFRESH_BEFORE_MS
      },
      () => {
        begun.usableUntil = now() + FAILURE_MS
      },
    )
    return begun
  }
  return {
    async of(endpoint, assumer) {
      const tags = (withoutTagsUntil.get(keyOf(endpoint)) ?? 0) > now() ? [] : tagsOf(assumer)
      const key = `${keyOf(endpoint)}#${JSON.stringify(tags)}`
      const found = kept.get(key)
      if (found !== undefined && found.usableUntil > now()) return identityOf(found, now())
      const begun = begin(endpoint, tags, found === undefined ? Promise.resolve(null) : lastOf(found))
      kept.set(key, begun)
      return identityOf(begun, now())
    },
  }
}

/** A changed endpoint may have another role. */
const keyOf = ({ id, rev }: RoleEndpoint): string => `${id}#${rev}`

const lastOf = ({ session, before }: Kept): Promise<Session | null> => session.catch(() => before)

/** Five minutes of the old session are left when the new one is asked for: no request fails because STS does, in these. */
async function identityOf({ session, before }: Kept, at: Instant): Promise<AwsIdentity> {
  try {
    return (await session).identity
  } catch (thrown) {
    const last = await before
    if (last !== null && last.expiresAt > at) return last.identity
    throw thrown
  }
}

async function assume(sts: STSClient, endpoint: RoleEndpoint, tags: readonly Tag[]): Promise<Session> {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: endpoint.roleArn,
      // Eight characters tell endpoints apart in the other account's trail, and hold nothing that IAM does not take.
      RoleSessionName: `ccag-${endpoint.id.slice(0, 8)}`,
      ...(endpoint.externalId !== null && { ExternalId: endpoint.externalId }),
      ...(tags.length > 0 && { Tags: [...tags] }),
      DurationSeconds: SESSION_SECONDS,
    }),
  )
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
  if (AccessKeyId === undefined || SecretAccessKey === undefined) throw new Error('STS answered without credentials')
  return {
    identity: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken !== undefined && { sessionToken: SessionToken }),
    },
    expiresAt: Expiration?.getTime() ?? 0,
  }
}

/** Only what is known: an empty tag would be a line of its own on a bill. */
function tagsOf({ teamId, identity }: Assumer): readonly Tag[] {
  const known = { team: teamId, user: identity }
  return Object.entries(known).flatMap(([Key, value]) =>
    value === null || value === ''
      ? []
      : [{ Key, Value: [...value].slice(0, LONGEST_TAG).join('').replace(NO_TAG, '_') }],
  )
}

/** Characters; and which. Source: STS API reference, Tag. */
const LONGEST_TAG = 256
const NO_TAG = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu

interface StsError {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** One code stands for both refusals, AssumeRole and TagSession; only the words say which it was. */
const isAboutTags = (thrown: unknown): boolean => {
  const { name, message } = thrown as StsError
  return name === 'AccessDenied' && String(message).includes('sts:TagSession')
}

const PASSING = /^(?:Throttling|ThrottlingException|RequestLimitExceeded|IDPCommunicationError)$/

function faultOf(thrown: unknown): Fault {
  const { name = 'Error', message = '', $metadata } = thrown as StsError
  const status = $metadata?.httpStatusCode
  const detail = { upstream: `sts:${name}`, status, said: message }
  if (status === undefined || status >= 500 || PASSING.test(name)) {
    return new Fault('upstream_busy', 'The AWS account behind this gateway cannot be reached at the moment.', {
      detail: { ...detail, trouble: PASSING.test(name) ? 'throttle' : 'error' },
      retryAfterSeconds: BUSY_RETRY_SECONDS,
    })
  }
  return new Fault(
    'upstream_forbidden',
    'AWS refuses this gateway the role of the account behind it. Its administrator has to check the role and its trust policy.',
    { detail: { ...detail, trouble: 'denied' } },
  )
}

/** As for Bedrock itself: the client waits, and does not give up. */
const BUSY_RETRY_SECONDS = 5
