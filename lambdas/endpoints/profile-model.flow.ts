/** Which model an inference profile is for. */
import { nameOfBedrockId } from '../models/model-names.ts'
import type { EndpointPlace } from './credentials-for.ts'
import type { ProfileListing } from './profiles.client.ts'

/** @throws Error where it is not Claude, and what Bedrock throws. */
export async function modelOfProfile(endpoint: EndpointPlace, arn: string, listing: ProfileListing): Promise<string> {
  const models = (await listing.modelsOf(endpoint, arn)).map((model) =>
    nameOfBedrockId(model.slice(model.indexOf('foundation-model/') + 'foundation-model/'.length)),
  )
  const name = models.find((one) => one !== null)
  if (name === undefined || name === null) throw new Error('the profile is for no model of Claude')
  return name
}
