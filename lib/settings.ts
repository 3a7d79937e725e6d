/**
 * What a deployment may choose, with `npx cdk deploy -c name=value` or in the `context` of cdk.json. Read and judged here and
 * nowhere else, before anything is made, so that a wrong choice is one sentence and not half a deployment.
 */
import { readFileSync } from 'node:fs'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'

export interface CustomDomain {
  readonly name: string
  readonly certificateArn: string
  /** Where the alias records go; absent: whoever owns the name makes them. */
  readonly hostedZone: { readonly id: string; readonly name: string } | undefined
}

export interface Settings {
  /** Where requests may be answered: `global` (list price), or a geography such as `us` or `eu` (10 % more). */
  readonly inferenceProfilePrefix: InferenceProfilePrefix
  /** Which roles of other accounts the gateway may assume for their endpoints: a name, or a pattern with `*`. */
  readonly endpointRoleNames: string
  /** Origins whose pages may call the data plane from a browser, beside Anthropic's own. */
  readonly allowedOrigins: readonly string[]
  /**
   * Keeps environments free for the administrator, so that a thousand open streams cannot starve him. Off by default: an
   * account whose quota is small has none to spare.
   */
  readonly reservedConcurrency: boolean
  readonly logRetention: RetentionDays
  /** How many environments the account may run at once; the alarm and the dashboard measure against it. */
  readonly concurrencyQuota: number
  /** Where the functions may speak to beyond this gateway. */
  readonly outbound: OutboundSettings
  /** Absent: CloudFront's own name. */
  readonly domain: CustomDomain | undefined
}

export interface OutboundSettings {
  /** Hosts (`host` or `host:port`) that may be asked wherever they are, a private network included, and over http. */
  readonly allowedHosts: readonly string[]
  /** The same for pages that the model reads, which whoever asks chooses. */
  readonly pageHosts: readonly string[]
  /** PEM of certificates that are trusted beside the usual ones; empty: none. */
  readonly extraCa: string
  /** ARNs or patterns of topics and buses that notifications may go to; none: those of the own account. */
  readonly notificationTargets: readonly string[]
}

/** Its message is one sentence for whoever deploys. */
export class SettingsError extends Error {}

type Context = (name: string) => unknown

/** @throws SettingsError for the first setting that is wrong. */
export function readSettings(context: Context): Settings {
  return {
    inferenceProfilePrefix: prefix(context),
    endpointRoleNames: text(context, 'endpointRoleNames', ROLE_NAMES, ROLE_NAMES_MEANT) ?? DEFAULT_ROLE_NAMES,
    allowedOrigins: origins(context),
    reservedConcurrency: yesOrNo(context, 'reservedConcurrency'),
    logRetention: retention(context),
    concurrencyQuota: quota(context),
    outbound: {
      allowedHosts: list(context, 'outboundAllowedHosts', HOST, 'hosts such as hooks.example.com or 10.0.0.5:8443'),
      pageHosts: list(context, 'webFetchAllowedHosts', HOST, 'hosts such as wiki.example.com or 10.0.0.5:8443'),
      extraCa: certificates(context),
      notificationTargets: list(context, 'notificationTargets', TARGET, TARGET_MEANT),
    },
    domain: domain(context),
  }
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/
/** Not everything of a service: that would be any account's. */
const TARGET = /^arn:aws(?:-cn|-us-gov)?:(?:sns:[a-z0-9-]+|sns:\*|events:[a-z0-9-]+|events:\*):\d{12}:[\w.*/-]{1,256}$/
const TARGET_MEANT = 'ARNs of topics and event buses, such as arn:aws:sns:us-east-1:123456789012:budgets'

function list(context: Context, name: string, form: RegExp, meant: string): readonly string[] {
  const all = given(context, name)?.split(',') ?? []
  const wrong = all.find((one) => !form.test(one))
  if (wrong === undefined) return all
  throw new SettingsError(`The setting ${name} names "${wrong}"; it must be a list, with commas, of ${meant}.`)
}

/** A function's environment has 4 kB in all. Source: AWS Lambda developer guide, "Lambda quotas". */
const LONGEST_CA = 3_000

function certificates(context: Context): string {
  const path = given(context, 'outboundCaFile')
  if (path === undefined) return ''
  const content = readText(path)
  if (content?.includes('-----BEGIN CERTIFICATE-----') && content.length <= LONGEST_CA) return content
  throw new SettingsError(
    `The setting outboundCaFile is "${path}"; it must be a file of certificates in PEM, at most ${LONGEST_CA} bytes.`,
  )
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Those that AWS has. Source: Amazon Bedrock user guide, "Supported inference profiles". */
const PREFIXES = ['global', 'us', 'eu', 'jp', 'apac', 'au', 'us-gov'] as const
export type InferenceProfilePrefix = (typeof PREFIXES)[number]

function prefix(context: Context): InferenceProfilePrefix {
  const value = given(context, 'inferenceProfilePrefix') ?? 'global'
  const known = PREFIXES.find((one) => one === value)
  if (known !== undefined) return known
  throw new SettingsError(`The setting inferenceProfilePrefix is "${value}"; it must be one of ${PREFIXES.join(', ')}.`)
}

/**
 * Letters and signs of a role's name (IAM user guide, "IAM name requirements"), a path before it, and `*`. Not `*` alone: roles
 * that other people made for something else may trust this account as a whole.
 */
const ROLE_NAMES = /^(?=.{1,128}$)(?=[^*])[\w+=,.@*/-]+$/
const ROLE_NAMES_MEANT = 'the name of a role, or the beginning of one followed by *, such as ccag-*'

/** Whoever makes a role under this name makes it for this gateway. */
const DEFAULT_ROLE_NAMES = 'ccag-*'

/** Without TLS a page could be anybody's, but for one on the developer's own machine. */
const ORIGIN = /^(?:https:\/\/(?:\*\.)?(?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,63}|http:\/\/localhost)(?::\d{1,5})?$/

function origins(context: Context): readonly string[] {
  const list = given(context, 'allowedOrigins')?.split(',') ?? []
  const wrong = list.find((origin) => !ORIGIN.test(origin))
  if (wrong === undefined) return list
  throw new SettingsError(
    `The setting allowedOrigins names "${wrong}"; it must be a list, with commas, of origins such as https://app.example.com or https://*.example.com.`,
  )
}

/** A month answers most questions, and covers a bill; the figures themselves are in the Usage table. */
const DEFAULT_RETENTION = RetentionDays.ONE_MONTH

/** Lambda's default for an account; a new account may have less, and AWS raises it on request. */
const DEFAULT_CONCURRENCY_QUOTA = 1000

/** `undefined` where the setting is not made; an empty value makes none. */
function given(context: Context, name: string): string | undefined {
  const value = context(name)
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

function text(context: Context, name: string, form: RegExp, meant: string): string | undefined {
  const value = given(context, name)
  if (value === undefined || form.test(value)) return value
  throw new SettingsError(`The setting ${name} is "${value}"; it must be ${meant}.`)
}

const yesOrNo = (context: Context, name: string): boolean =>
  text(context, name, /^(?:true|false)$/, 'true or false') === 'true'

function wholeNumber(context: Context, name: string, meant: string): number | undefined {
  const value = text(context, name, /^[1-9]\d{0,6}$/, meant)
  return value === undefined ? undefined : Number(value)
}

function retention(context: Context): RetentionDays {
  const allowed = Object.values(RetentionDays).filter(
    (days) => typeof days === 'number' && days !== RetentionDays.INFINITE,
  )
  const meant = `a number of days that CloudWatch Logs knows (${allowed.join(', ')})`
  const days = wholeNumber(context, 'logRetentionDays', meant)
  if (days === undefined) return DEFAULT_RETENTION
  if (allowed.includes(days)) return days
  throw new SettingsError(`The setting logRetentionDays is "${days}"; it must be ${meant}.`)
}

/** Below ten environments even the portal's own pages would wait for each other. */
const SMALLEST_QUOTA = 10

function quota(context: Context): number {
  const meant = `a whole number of environments, at least ${SMALLEST_QUOTA}`
  const environments = wholeNumber(context, 'concurrencyQuota', meant) ?? DEFAULT_CONCURRENCY_QUOTA
  if (environments >= SMALLEST_QUOTA) return environments
  throw new SettingsError(`The setting concurrencyQuota is "${environments}"; it must be ${meant}.`)
}

const HOST_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/
const CERTIFICATE_ARN = /^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/[\w-]+$/
const ZONE_ID = /^Z[A-Z0-9]{1,31}$/

function domain(context: Context): CustomDomain | undefined {
  const name = text(context, 'domainName', HOST_NAME, 'a host name in lower case such as claude.example.com')
  const certificateArn = text(
    context,
    'certificateArn',
    CERTIFICATE_ARN,
    'the ARN of a certificate in AWS Certificate Manager',
  )
  const zoneId = text(context, 'hostedZoneId', ZONE_ID, 'the id of a Route 53 hosted zone such as Z0123456789ABC')
  const zoneName = text(context, 'hostedZoneName', HOST_NAME, 'the name of a Route 53 hosted zone such as example.com')
  if (name === undefined) {
    const [left] =
      Object.entries({ certificateArn, hostedZoneId: zoneId, hostedZoneName: zoneName }).find(([, value]) => value) ??
      []
    if (left !== undefined) throw new SettingsError(`The setting ${left} is of no use without domainName.`)
    return undefined
  }
  if (certificateArn === undefined)
    throw new SettingsError('The setting domainName needs certificateArn, a certificate for that name in us-east-1.')
  // CloudFront reads certificates there and nowhere else, wherever the stack is (CloudFront developer guide, "Requirements for using SSL/TLS certificates").
  const region = CERTIFICATE_ARN.exec(certificateArn)?.[1]
  if (region !== 'us-east-1')
    throw new SettingsError(
      `The certificate of certificateArn is in ${region}; CloudFront takes certificates from us-east-1 only.`,
    )
  return { name, certificateArn, hostedZone: hostedZone(name, zoneId, zoneName) }
}

function hostedZone(domainName: string, id: string | undefined, name: string | undefined): CustomDomain['hostedZone'] {
  if (id === undefined && name === undefined) return undefined
  if (id === undefined || name === undefined)
    throw new SettingsError('The settings hostedZoneId and hostedZoneName go together: the one is missing.')
  if (domainName !== name && !domainName.endsWith(`.${name}`))
    throw new SettingsError(`The domainName "${domainName}" is not in the hosted zone "${name}".`)
  return { id, name }
}
