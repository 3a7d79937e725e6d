/**
 * AWS Security Token Service on this machine: AssumeRole and GetCallerIdentity, in its wire format (Query in, XML out). The
 * sessions are not kept over a restart: the functions that hold their credentials end with it.
 * Source: AWS Security Token Service API reference, AssumeRole, GetCallerIdentity and Common Errors.
 */
import { callerOf, type Identify, type Identity } from './caller.ts'
import { errorXml, type Xml, xmlOf } from './query-xml.ts'
import { type Answer, startService } from './service.ts'
import { type AssumedRole, createSessions, roleOf, type Sessions } from './sessions.ts'

/** How a role may be assumed. A role that nobody defined is anybody's. */
export interface RoleDefinition {
  readonly arn: string
  /** What its trust policy demands; absent: nothing. */
  readonly externalId?: string
  /** Whether its trust policy allows `sts:TagSession`; absent: it does. */
  readonly allowTags?: boolean
  /** Nobody may assume it, as when its trust policy names somebody else. */
  readonly denied?: boolean
  /** Any other failure of STS for this role, e.g. `Throttling` with 400, `RegionDisabledException` with 403. */
  readonly refusal?: { readonly status: number; readonly code: string; readonly message: string }
  /** The role's longest session; absent: an hour, as a new role has. */
  readonly maxSeconds?: number
}

/** One AssumeRole as it was asked, whether it was granted or not. */
export interface AssumeRoleCall {
  readonly roleArn: string
  readonly sessionName: string
  readonly externalId: string | undefined
  readonly seconds: number
  readonly tags: Readonly<Record<string, string>>
  readonly transitiveTagKeys: readonly string[]
  readonly callerArn: string
  readonly region: string
  readonly granted: boolean
}

export interface Sts {
  readonly endpoint: string
  defineRole(role: RoleDefinition): void
  /** Undoes every `defineRole`. */
  forgetRoles(): void
  /** Every AssumeRole of a role so far, in order. */
  calls(): readonly AssumeRoleCall[]
  /** What was given out. */
  sessions(): readonly AssumedRole[]
  /** For the other services: whose an access key is. */
  readonly identify: Identify
  stop(): Promise<void>
}

/** @param options.now Tells when sessions end; absent: this machine's clock. */
export async function startSts(options: { readonly now?: () => Date } = {}): Promise<Sts> {
  const sessions = createSessions(options.now ?? (() => new Date()))
  const roles = new Map<string, RoleDefinition>()
  const calls: AssumeRoleCall[] = []
  const desk: Desk = { sessions, roleOf: (arn) => roles.get(arn) ?? { arn }, enter: (call) => void calls.push(call) }
  const service = await startService((headers, body) => {
    const caller = callerOf(headers.authorization, 'sts')
    if (caller === undefined)
      return refusal(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token')
    const token = headers['x-amz-security-token']
    const identity = sessions.identify(caller.accessKeyId, typeof token === 'string' ? token : undefined)
    if (identity === 'expired')
      return refusal(403, 'ExpiredToken', 'The security token included in the request is expired')
    if (identity === 'invalid')
      return refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
    return operate(new URLSearchParams(body), { ...caller, identity }, desk)
  })
  return {
    endpoint: service.endpoint,
    defineRole: (role) => void roles.set(role.arn, role),
    forgetRoles: () => roles.clear(),
    calls: () => calls,
    sessions: () => sessions.all(),
    identify: (accessKeyId, sessionToken) => sessions.identify(accessKeyId, sessionToken),
    stop: () => service.stop(),
  }
}

interface Desk {
  readonly sessions: Sessions
  roleOf(arn: string): RoleDefinition
  enter(call: AssumeRoleCall): void
}

interface Asker {
  readonly accessKeyId: string
  readonly region: string
  readonly identity: Identity
}

const XML = 'text/xml'
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  contentType: XML,
  body: errorXml(NAMESPACE, code, message),
})

const granted = (operation: string, result: Xml): Answer => ({
  status: 200,
  contentType: XML,
  body: xmlOf(NAMESPACE, operation, result),
})

function operate(asked: URLSearchParams, asker: Asker, desk: Desk): Answer {
  const operation = asked.get('Action')
  if (operation === 'AssumeRole') return assumeRole(asked, asker, desk)
  if (operation === 'GetCallerIdentity') {
    const { account, arn } = asker.identity
    const session = desk.sessions.find(asker.accessKeyId)
    const userId = session === undefined ? asker.accessKeyId : `${session.roleId}:${session.sessionName}`
    return granted(operation, { Arn: arn, UserId: userId, Account: account })
  }
  return refusal(400, 'InvalidAction', `Could not find operation ${operation} for version ${asked.get('Version')}`)
}

function assumeRole(asked: URLSearchParams, asker: Asker, desk: Desk): Answer {
  const call = readCall(asked, asker)
  const role = roleOf(call.roleArn)
  if (role === undefined) return refusal(400, 'ValidationError', `${call.roleArn} is invalid`)
  const refused = refusalOfForm(call) ?? refusalOfRole(call, desk.roleOf(call.roleArn), asker, desk.sessions)
  desk.enter({ ...call, granted: refused === undefined })
  if (refused !== undefined) return refused
  const inherited = desk.sessions.find(asker.accessKeyId)
  const session = desk.sessions.open({
    role,
    sessionName: call.sessionName,
    seconds: call.seconds,
    tags: { ...call.tags, ...transitiveTags(inherited) },
    transitive: [...call.transitiveTagKeys, ...(inherited?.transitive ?? [])],
  })
  return granted('AssumeRole', {
    AssumedRoleUser: { AssumedRoleId: `${session.roleId}:${session.sessionName}`, Arn: session.arn },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: session.expiresAt.toISOString(),
    },
    PackedPolicySize: '1',
  })
}

const transitiveTags = (from: AssumedRole | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(from?.sessionTags ?? {}).filter(([name]) => from?.transitive.includes(name)))

/** AWS's own default. */
const DEFAULT_SECONDS = 3600

const readCall = (asked: URLSearchParams, asker: Asker): Omit<AssumeRoleCall, 'granted'> => ({
  roleArn: asked.get('RoleArn') ?? '',
  sessionName: asked.get('RoleSessionName') ?? '',
  externalId: asked.get('ExternalId') ?? undefined,
  seconds: Number(asked.get('DurationSeconds') ?? DEFAULT_SECONDS),
  tags: Object.fromEntries(
    membersOf(asked, 'Tags', '.Key').map(([key, place]) => [key, asked.get(`Tags.member.${place}.Value`) ?? '']),
  ),
  transitiveTagKeys: membersOf(asked, 'TransitiveTagKeys').map(([key]) => key),
  callerArn: asker.identity.arn,
  region: asker.region,
})

/** A list of the Query protocol is `Name.member.1`, `Name.member.2`, …. @returns values with their places. */
function membersOf(asked: URLSearchParams, list: string, member = ''): readonly (readonly [string, number])[] {
  const found: [string, number][] = []
  for (let place = 1; ; place++) {
    const value = asked.get(`${list}.member.${place}${member}`)
    if (value === null) return found
    found.push([value, place])
  }
}

const MIN_SECONDS = 900
const MAX_TAGS = 50
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

/** What STS refuses whoever asks. Source: API reference of AssumeRole, the constraints of its parameters. */
function refusalOfForm(call: Omit<AssumeRoleCall, 'granted'>): Answer | undefined {
  const invalid = (message: string): Answer => refusal(400, 'ValidationError', message)
  if (!SESSION_NAME.test(call.sessionName))
    return invalid(constraint(call.sessionName, 'roleSessionName', '[\\w+=,.@-]*'))
  const tags = Object.entries(call.tags)
  if (tags.length > MAX_TAGS) return invalid(`Number of session tags exceeds the limit of ${MAX_TAGS}`)
  for (const [key, value] of tags) {
    if (!TAG_KEY.test(key)) return invalid(constraint(key, 'tags.member.key', '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+'))
    if (!TAG_VALUE.test(value))
      return invalid(constraint(value, 'tags.member.value', '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'))
  }
  if (call.transitiveTagKeys.some((key) => !(key in call.tags)))
    return invalid('The specified transitive tag key must be included in the requested tags.')
  return undefined
}

const constraint = (value: string, member: string, pattern: string): string =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`

/** STS says the same of a wrong external id, a role that is not there and one that trusts somebody else. */
function refusalOfRole(
  call: Omit<AssumeRoleCall, 'granted'>,
  role: RoleDefinition,
  asker: Asker,
  sessions: Sessions,
): Answer | undefined {
  const denied = (action: string): Answer =>
    refusal(
      403,
      'AccessDenied',
      `User: ${call.callerArn} is not authorized to perform: ${action} on resource: ${call.roleArn}`,
    )
  if (role.refusal !== undefined) return refusal(role.refusal.status, role.refusal.code, role.refusal.message)
  if (role.denied === true || (role.externalId !== undefined && role.externalId !== call.externalId))
    return denied('sts:AssumeRole')
  const inherits = (sessions.find(asker.accessKeyId)?.transitive.length ?? 0) > 0
  if (role.allowTags === false && (inherits || Object.keys(call.tags).length > 0)) return denied('sts:TagSession')
  return refusalOfDuration(call, role, sessions.find(asker.accessKeyId) !== undefined)
}

/** A session out of a session lives an hour at most. Source: AWS IAM user guide, "Role chaining". */
function refusalOfDuration(
  { seconds }: Omit<AssumeRoleCall, 'granted'>,
  { maxSeconds = DEFAULT_SECONDS }: RoleDefinition,
  chained: boolean,
): Answer | undefined {
  const invalid = (message: string): Answer => refusal(400, 'ValidationError', message)
  if (!(seconds >= MIN_SECONDS))
    return invalid(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${MIN_SECONDS}`,
    )
  if (chained && seconds > DEFAULT_SECONDS)
    return invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
  if (seconds > maxSeconds)
    return invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  return undefined
}
