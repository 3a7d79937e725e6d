/** The inference profiles that this account may call in its region: Bedrock's ListInferenceProfiles, every page of it. */
import { BedrockClient, ListInferenceProfilesCommand } from '@aws-sdk/client-bedrock'

export interface InferenceProfiles {
  /** Ids of the system-defined profiles. @throws what the SDK throws. */
  list(): Promise<readonly string[]>
}

/** Bedrock lists at most 1,000 a page; some dozens exist. Ten pages end a listing that never ends. */
const MAX_PAGES = 10

export function openInferenceProfiles(client = new BedrockClient({ maxAttempts: 3 })): InferenceProfiles {
  return {
    async list() {
      const ids: string[] = []
      let nextToken: string | undefined
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await client.send(
          new ListInferenceProfilesCommand({ typeEquals: 'SYSTEM_DEFINED', maxResults: 1000, nextToken }),
        )
        for (const profile of answer.inferenceProfileSummaries ?? []) {
          if (profile.inferenceProfileId !== undefined && profile.status === 'ACTIVE')
            ids.push(profile.inferenceProfileId)
        }
        nextToken = answer.nextToken
        if (nextToken === undefined) break
      }
      return ids
    },
  }
}
