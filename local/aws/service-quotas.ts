/**
 * AWS Service Quotas on this machine: ListServiceQuotas for Bedrock, in its wire format (AWS JSON 1.1).
 * Source: Service Quotas API reference, ListServiceQuotas; names as the console of Amazon Bedrock shows them.
 */
import { createHash } from 'node:crypto'
import { callerOf, type Identify, type Identity, ownIdentity, partitionOf } from './caller.ts'
import { type Answer, startService } from './service.ts'

export interface QuotasPlace {
  readonly account?: string
  readonly region?: string
}

export interface QuotasRefusal {
  readonly status: number
  readonly type: string
  readonly message: string
}

export interface ServiceQuotas {
  readonly endpoint: string
  /** Who may not look; absent members of the place: anywhere. */
  deny(place?: QuotasPlace): void
  /** Any other failure, e.g. `TooManyRequestsException` with 429. */
  refuse(refusal: QuotasRefusal, place?: QuotasPlace): void
  /** What an account was granted, in place of the default value. */
  grant(quotaName: string, value: number, place?: QuotasPlace): void
  /** Undoes all of the above. */
  clear(): void
  stop(): Promise<void>
}

interface Quota {
  readonly name: string
  readonly value: number
  readonly adjustable: boolean
}

/** Model as the names of quotas have it, requests and tokens a minute. */
const MODELS: readonly (readonly [string, number, number])[] = [
  ['Anthropic Claude Fable 5', 500, 2_000_000],
  ['Anthropic Claude Opus 5.5', 1_000, 6_000_000],
  ['Anthropic Claude Sonnet 5.5', 1_000, 6_000_000],
  ['Anthropic Claude Haiku 5.5', 2_000, 10_000_000],
  ['Anthropic Claude Opus 4.6', 1_000, 2_000_000],
  ['Anthropic Claude Sonnet 4.6', 1_000, 2_000_000],
  ['Anthropic Claude Sonnet 4.5', 1_000, 1_000_000],
  ['Anthropic Claude Sonnet 4.5 1M Context Length', 100, 1_000_000],
  ['Anthropic Claude Haiku 4.5', 1_000, 4_000_000],
  ['Amazon Nova Pro', 500, 2_000_000],
]

const SCOPES = ['Cross-region', 'Global cross-region']

const QUOTAS: readonly Quota[] = [
  ...SCOPES.flatMap((scope) =>
    MODELS.flatMap(([model, requests, tokens]) => [
      { name: `${scope} model inference requests per minute for ${model}`, value: requests, adjustable: false },
      { name: `${scope} model inference tokens per minute for ${model}`, value: tokens, adjustable: true },
    ]),
  ),
  ...MODELS.map(([model, , tokens]) => ({
    name: `Model invocation max tokens per day for ${model} (doubled for cross-region calls)`,
    value: tokens * 720,
    adjustable: false,
  })),
  { name: 'APIs per Agent', value: 11, adjustable: true },
  { name: 'Batch inference job size (in GB) for Claude Sonnet 4.5', value: 5, adjustable: true },
  { name: 'Knowledge bases per account', value: 100, adjustable: false },
]

/** @param options.identify Whose an access key is; absent: everybody is the functions' own account. */
export async function startServiceQuotas(options: { readonly identify?: Identify } = {}): Promise<ServiceQuotas> {
  const identify = options.identify ?? ownIdentity
  const refusals: { readonly place: QuotasPlace; refusalFor(caller: Asker): QuotasRefusal }[] = []
  const grants: { readonly place: QuotasPlace; readonly name: string; readonly value: number }[] = []
  const service = await startService((headers, body) => {
    const caller = callerOf(headers.authorization, 'servicequotas')
    if (caller === undefined) return refused(MISSING)
    const token = headers['x-amz-security-token']
    const identity = identify(caller.accessKeyId, typeof token === 'string' ? token : undefined)
    if (typeof identity === 'string') return refused(identity === 'expired' ? EXPIRED : INVALID)
    const asker = { ...identity, region: caller.region }
    const refusal = refusals.find(({ place }) => covers(place, asker))
    if (refusal !== undefined) return refused(refusal.refusalFor(asker))
    const granted = ({ name, value }: Quota): number =>
      grants.findLast((grant) => grant.name === name && covers(grant.place, asker))?.value ?? value
    return operate(String(headers['x-amz-target']).split('.')[1] ?? '', JSON.parse(body || '{}'), asker, granted)
  })
  return {
    endpoint: service.endpoint,
    deny: (place = {}) => void refusals.push({ place, refusalFor: accessDenied }),
    refuse: (refusal, place = {}) => void refusals.push({ place, refusalFor: () => refusal }),
    grant: (name, value, place = {}) => void grants.push({ place, name, value }),
    clear() {
      refusals.splice(0)
      grants.splice(0)
    },
    stop: () => service.stop(),
  }
}

type Asker = Identity & { readonly region: string }

const covers = (place: QuotasPlace, { account, region }: Asker): boolean =>
  (place.account ?? account) === account && (place.region ?? region) === region

const MISSING = { status: 403, type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }
const EXPIRED = {
  status: 400,
  type: 'ExpiredTokenException',
  message: 'The security token included in the request is expired',
}
const INVALID = {
  status: 400,
  type: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
}

const accessDenied = ({ arn }: Asker): QuotasRefusal => ({
  status: 400,
  type: 'AccessDeniedException',
  message: `User: ${arn} is not authorized to perform: servicequotas:ListServiceQuotas because no identity-based policy allows the servicequotas:ListServiceQuotas action`,
})

const json = (status: number, value: object): Answer => ({
  status,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
})
const refused = ({ status, type, message }: QuotasRefusal): Answer => json(status, { __type: type, Message: message })

interface Asked {
  readonly ServiceCode?: string
  readonly MaxResults?: number
  readonly NextToken?: string
}

/** The service's own: a page has at most a hundred. */
const MAX_PAGE = 100

function operate(operation: string, asked: Asked, asker: Asker, granted: (quota: Quota) => number): Answer {
  if (operation !== 'ListServiceQuotas')
    return refused({ status: 400, type: 'UnknownOperationException', message: `${operation} is not emulated here` })
  if (asked.ServiceCode !== 'bedrock') {
    const message = 'The request failed because the specified service does not exist.'
    return refused({ status: 400, type: 'NoSuchResourceException', message })
  }
  const from = Number(asked.NextToken ?? 0)
  const size = asked.MaxResults ?? MAX_PAGE
  if (!(size >= 1 && size <= MAX_PAGE) || !(from >= 0)) {
    return refused({ status: 400, type: 'IllegalArgumentException', message: 'Invalid input was provided.' })
  }
  const page = QUOTAS.slice(from, from + size).map((quota) => quotaJson(quota, granted(quota), asker))
  return json(200, { Quotas: page, ...(from + size < QUOTAS.length && { NextToken: String(from + size) }) })
}

function quotaJson({ name, adjustable }: Quota, value: number, { account, region }: Asker): object {
  const code = `L-${createHash('sha1').update(name).digest('hex').slice(0, 8).toUpperCase()}`
  return {
    ServiceCode: 'bedrock',
    ServiceName: 'Amazon Bedrock',
    QuotaArn: `arn:${partitionOf(region)}:servicequotas:${region}:${account}:bedrock/${code}`,
    QuotaCode: code,
    QuotaName: name,
    Value: value,
    Unit: 'None',
    Adjustable: adjustable,
    GlobalQuota: false,
    QuotaAppliedAtLevel: 'ACCOUNT',
  }
}
