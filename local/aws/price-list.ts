/**
 * The AWS Price List API on this machine: ListPriceLists and GetPriceListFileUrl in their wire format (AWS JSON 1.1), and the files.
 * Source: Price List API reference; AWS Billing user guide, "Reading the service price list file for an AWS service".
 */
import { callerOf, type Identify, ownIdentity } from './caller.ts'
import { type ListedModel, priceListFile } from './price-list-file.ts'
import { type Answer, startService } from './service.ts'

export interface PriceLists {
  readonly endpoint: string
  /** Dollars per million tokens, worldwide; a region costs a tenth more. A name that is not listed yet becomes a model. */
  price(model: string, rates: Partial<ListedModel['rates']>): void
  /** Takes a model off the list. */
  drop(model: string): void
  /** The file as it is served. */
  file(region?: string): string
  /** Serves this instead, whatever it is. */
  serve(text: string, status?: number): void
  /** Only these regions have a list. */
  only(...regions: readonly string[]): void
  /** Nobody may look. */
  deny(): void
  /** How often a file was fetched. */
  fetched(): number
  /** Undoes all of the above. */
  clear(): void
  stop(): Promise<void>
}

const SERVICE = 'AmazonBedrockFoundationModels'
const REGIONS = [
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
]
/** AWS gives as many as it likes, up to what was asked for; so a client has to turn pages. */
const PAGE = 4
/** When the lists were published: their version. */
const PUBLISHED = '20261125160258'

interface State {
  models: Map<string, ListedModel['rates'] | null>
  served: { readonly text: string; readonly status: number } | undefined
  regions: readonly string[]
  denied: boolean
  fetched: number
}

const fresh = (): State => ({ models: new Map(), served: undefined, regions: REGIONS, denied: false, fetched: 0 })

/** @param options.identify Whose an access key is; absent: everybody is the functions' own account. */
export async function startPriceLists(options: { readonly identify?: Identify } = {}): Promise<PriceLists> {
  const identify = options.identify ?? ownIdentity
  const state = fresh()
  const service = await startService((headers, body, path) => {
    if (path.startsWith('/offers/')) return fileAt(path, state)
    const caller = callerOf(headers.authorization, 'pricing')
    if (caller === undefined) return refused(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
    const token = headers['x-amz-security-token']
    const identity = identify(caller.accessKeyId, typeof token === 'string' ? token : undefined)
    if (typeof identity === 'string') {
      return refused(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    return operate(headers, JSON.parse(body || '{}') as Asked, identity.arn, { state, endpoint: service.endpoint })
  })
  return {
    endpoint: service.endpoint,
    price: (model, rates) => void state.models.set(model, rates as ListedModel['rates']),
    drop: (model) => void state.models.set(model, null),
    file: (region = 'us-east-1') => priceListFile(region, PUBLISHED, state.models),
    serve(text, status = 200) {
      state.served = { text, status }
    },
    only(...regions) {
      state.regions = regions
    },
    deny() {
      state.denied = true
    },
    fetched: () => state.fetched,
    clear: () => void Object.assign(state, fresh()),
    stop: () => service.stop(),
  }
}

function operate(
  headers: Readonly<Record<string, unknown>>,
  asked: Asked,
  caller: string,
  { state, endpoint }: { readonly state: State; readonly endpoint: string },
): Answer {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
  if (state.denied) {
    const message = `User: ${caller} is not authorized to perform: pricing:${operation} because no identity-based policy allows the pricing:${operation} action`
    return refused(400, 'AccessDeniedException', message)
  }
  if (operation === 'ListPriceLists') return list(asked, state)
  if (operation === 'GetPriceListFileUrl') return urlOf(asked, endpoint, state)
  return refused(400, 'UnknownOperationException', `${operation} is not emulated here`)
}

const json = (status: number, value: object): Answer => ({
  status,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
})
const refused = (status: number, type: string, Message: string): Answer => json(status, { __type: type, Message })

interface Asked {
  readonly ServiceCode?: string
  readonly CurrencyCode?: string
  /** Seconds since the epoch. */
  readonly EffectiveDate?: number
  readonly MaxResults?: number
  readonly NextToken?: string
  readonly PriceListArn?: string
  readonly FileFormat?: string
}

const arnOf = (region: string): string => `arn:aws:pricing:::price-list/aws/${SERVICE}/USD/${PUBLISHED}/${region}`

function list(
  { ServiceCode, CurrencyCode, EffectiveDate, MaxResults = 100, NextToken }: Asked,
  { regions }: State,
): Answer {
  if (typeof EffectiveDate !== 'number' || MaxResults < 1 || MaxResults > 100) {
    return refused(400, 'InvalidParameterException', 'Input Parameters are not valid.')
  }
  if (ServiceCode !== SERVICE) return refused(400, 'InvalidParameterException', `${ServiceCode} is not a service code.`)
  const listed = CurrencyCode === 'USD' ? regions : []
  const from = Number(NextToken ?? 0)
  if (!(from >= 0)) return refused(400, 'InvalidNextTokenException', 'Invalid Next Token')
  const to = from + Math.min(PAGE, MaxResults)
  return json(200, {
    PriceLists: listed.slice(from, to).map((region) => ({
      PriceListArn: arnOf(region),
      RegionCode: region,
      CurrencyCode: 'USD',
      FileFormats: ['json', 'csv'],
    })),
    ...(to < listed.length && { NextToken: String(to) }),
  })
}

function urlOf({ PriceListArn, FileFormat }: Asked, endpoint: string, { regions }: State): Answer {
  const region = regions.find((one) => arnOf(one) === PriceListArn)
  if (region === undefined || FileFormat !== 'csv') {
    return refused(400, 'NotFoundException', 'The requested resource cannot be found.')
  }
  return json(200, { Url: `${endpoint}/offers/v1.0/aws/${SERVICE}/${PUBLISHED}/${region}/index.csv` })
}

function fileAt(path: string, state: State): Answer {
  const region = path.split('/').at(-2) ?? ''
  state.fetched++
  if (state.served !== undefined) return { ...state.served, contentType: 'text/csv', body: state.served.text }
  return { status: 200, contentType: 'text/csv', body: priceListFile(region, PUBLISHED, state.models) }
}
