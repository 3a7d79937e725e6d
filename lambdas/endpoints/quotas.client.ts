/**
 * Quotas of Bedrock that are about Claude, asked with an endpoint's credentials in its region.
 * Source: Service Quotas API reference, ListServiceQuotas.
 */
import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import type { CredentialsFor, EndpointPlace } from './credentials-for.ts'

export interface ServiceQuota {
  readonly name: string
  readonly code: string
  readonly value: number
  readonly unit: string
  readonly adjustable: boolean
}

export interface QuotaListing {
  /** @throws what the SDK throws, or a fault about the role. */
  quotas(endpoint: EndpointPlace): Promise<readonly ServiceQuota[]>
}

/** Bedrock has some hundred quotas, a hundred a page. Thirty pages end a listing that never ends. */
const MAX_PAGES = 30

const CONFIG = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
}

/** @param where Tests name an endpoint here; deployed code uses `AWS_ENDPOINT_URL_SERVICE_QUOTAS`, which the SDK reads itself. */
export function openQuotaListing(credentialsFor: CredentialsFor, where: { endpoint?: string } = {}): QuotaListing {
  return {
    async quotas(endpoint) {
      const credentials = credentialsFor(endpoint)
      const client = new ServiceQuotasClient({
        ...CONFIG,
        ...where,
        region: endpoint.region,
        ...(credentials && { credentials }),
      })
      try {
        return await listAll(client)
      } finally {
        client.destroy()
      }
    },
  }
}

async function listAll(client: ServiceQuotasClient): Promise<ServiceQuota[]> {
  const found: ServiceQuota[] = []
  let NextToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.send(
      new ListServiceQuotasCommand({ ServiceCode: 'bedrock', MaxResults: 100, NextToken }),
    )
    for (const { QuotaName: name = '', QuotaCode: code = '', Value, Unit, Adjustable } of answer.Quotas ?? []) {
      if (!/claude|anthropic/i.test(name)) continue
      found.push({ name, code, value: Value ?? 0, unit: Unit ?? 'None', adjustable: Adjustable ?? false })
    }
    NextToken = answer.NextToken
    if (NextToken === undefined) break
  }
  return found
}
