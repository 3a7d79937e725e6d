/**
 * AWS's price list of foundation models, as a file.
 * Source: AWS Billing user guide, "Getting price list files using the AWS Price List Bulk API"; Price List API reference.
 */
import {
  GetPriceListFileUrlCommand,
  ListPriceListsCommand,
  PricingClient,
  type PricingClientConfig,
} from '@aws-sdk/client-pricing'
import type { Instant } from '../platform/instant.ts'

export interface PriceListFile {
  /** Whose prices they are. */
  readonly region: string
  /** CSV. */
  readonly text: string
}

export interface PriceListSource {
  /** @throws what the SDK throws; an Error that says why there is no file */
  current(at: Instant): Promise<PriceListFile>
}

export interface PriceListOptions {
  /** The gateway's own: a price of a region is that of the region it stands in. Where AWS lists none, that of us-east-1. */
  readonly region: string
  /** Where AWS is said to be, by whoever emulates it: files may come without TLS from there. */
  readonly endpoint?: string | undefined
  readonly credentials?: PricingClientConfig['credentials'] & {}
}

/** The API is in three regions, and its lists are the same in each. */
const API_REGION = 'us-east-1'
const SERVICE = 'AmazonBedrockFoundationModels'

/** There is a list for each of some forty regions, a hundred a page. Ten pages end a listing that never ends. */
const MAX_PAGES = 10
/** The file has about half a megabyte; forty times that is no price list any more. */
const MOST_BYTES = 20_000_000
/** Half a megabyte from S3 takes a second. The function has two minutes for everything. */
const LONGEST_FETCH_MS = 30_000

export function openPriceList({ region, endpoint, credentials }: PriceListOptions): PriceListSource {
  return {
    async current(at) {
      const client = new PricingClient({
        region: API_REGION,
        maxAttempts: 3,
        requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
        ...(endpoint !== undefined && { endpoint }),
        ...(credentials && { credentials }),
      })
      try {
        const arns = await listsOf(client, at)
        const listed = [region, API_REGION].find((one) => arns.has(one))
        if (listed === undefined) throw new Error(`No ${API_REGION} Bedrock price list found`)
        const { Url } = await client.send(
          new GetPriceListFileUrlCommand({ PriceListArn: arns.get(listed), FileFormat: 'csv' }),
        )
        return { region: listed, text: await download(Url ?? '', endpoint !== undefined) }
      } finally {
        client.destroy()
      }
    },
  }
}

/** Region → ARN of its list, in dollars, that holds now. */
async function listsOf(client: PricingClient, at: Instant): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  let NextToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.send(
      new ListPriceListsCommand({
        ServiceCode: SERVICE,
        CurrencyCode: 'USD',
        EffectiveDate: new Date(at),
        MaxResults: 100,
        NextToken,
      }),
    )
    for (const { RegionCode, PriceListArn } of answer.PriceLists ?? [])
      if (RegionCode !== undefined && PriceListArn !== undefined) found.set(RegionCode, PriceListArn)
    NextToken = answer.NextToken
    if (NextToken === undefined) break
  }
  return found
}

async function download(url: string, withoutTls: boolean): Promise<string> {
  const { protocol } = new URL(url)
  if (protocol !== 'https:' && !(withoutTls && protocol === 'http:')) {
    throw new Error(`the price list is not offered over https but ${protocol}`)
  }
  const answer = await fetch(url, { signal: AbortSignal.timeout(LONGEST_FETCH_MS), redirect: 'error' })
  if (!answer.ok || answer.body === null) throw new Error(`the price list cannot be fetched: status ${answer.status}`)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body) {
    bytes += part.byteLength
    if (bytes > MOST_BYTES) throw new Error(`the price list has more than ${MOST_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
