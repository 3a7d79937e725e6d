/**
 * The inference profiles of an endpoint, asked with its credentials in its region.
 * Source: Amazon Bedrock API reference, ListInferenceProfiles and GetInferenceProfile.
 */
import { BedrockClient, GetInferenceProfileCommand, ListInferenceProfilesCommand } from '@aws-sdk/client-bedrock'
import type { CredentialsFor, EndpointPlace } from './credentials-for.ts'

export interface ListedProfile {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly type: string
}

export interface ProfileListing {
  /** The system-defined ones, whatever their scope. @throws what the SDK throws, or a fault about the role. */
  profiles(endpoint: EndpointPlace): Promise<readonly ListedProfile[]>
  /** ARNs of the models behind a profile. */
  modelsOf(endpoint: EndpointPlace, profileArn: string): Promise<readonly string[]>
}

/** Bedrock lists at most 1,000 a page; some dozens exist. Ten pages end a listing that never ends. */
const MAX_PAGES = 10

/** Somebody waits in front of a page: two tries of a few seconds are what they have patience for. */
const CONFIG = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
}

/** @param where Tests name an endpoint here; deployed code uses `AWS_ENDPOINT_URL_BEDROCK`, which the SDK reads itself. */
export function openProfileListing(credentialsFor: CredentialsFor, where: { endpoint?: string } = {}): ProfileListing {
  const withClient = async <T>(place: EndpointPlace, ask: (client: BedrockClient) => Promise<T>): Promise<T> => {
    const credentials = credentialsFor(place)
    const client = new BedrockClient({ ...CONFIG, ...where, region: place.region, ...(credentials && { credentials }) })
    try {
      return await ask(client)
    } finally {
      client.destroy()
    }
  }
  return {
    profiles: (endpoint) => withClient(endpoint, listAll),
    modelsOf: (endpoint, profileArn) =>
      withClient(endpoint, async (client) => {
        const { models } = await client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: profileArn }))
        return (models ?? []).flatMap(({ modelArn }) => modelArn ?? [])
      }),
  }
}

async function listAll(client: BedrockClient): Promise<ListedProfile[]> {
  const found: ListedProfile[] = []
  let nextToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.send(
      new ListInferenceProfilesCommand({ typeEquals: 'SYSTEM_DEFINED', maxResults: 1000, nextToken }),
    )
    for (const { inferenceProfileId: id, inferenceProfileName, status, type } of answer.inferenceProfileSummaries ??
      []) {
      if (id !== undefined) found.push({ id, name: inferenceProfileName ?? id, status: status ?? '', type: type ?? '' })
    }
    nextToken = answer.nextToken
    if (nextToken === undefined) break
  }
  return found
}
