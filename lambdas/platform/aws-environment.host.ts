/** What the environment says about AWS. Source: AWS SDKs and Tools reference guide, "Environment variables". */

type Variables = Record<string, string | undefined>

/**
 * Where a service is told to be found. The SDK's clients read it themselves; what is spoken without them asks here.
 * @param service In the guide's spelling, e.g. `BEDROCK_RUNTIME`. @returns `undefined`: where AWS has it.
 */
export function configuredUrlOf(service: string, variables: Variables = process.env): string | undefined {
  if (variables.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  return variables[`AWS_ENDPOINT_URL_${service}`] || variables.AWS_ENDPOINT_URL || undefined
}

/** The gateway's own region; Lambda sets it. @throws Error where nobody has said it */
export function ownRegion(variables: Variables = process.env): string {
  const region = variables.AWS_REGION || variables.AWS_DEFAULT_REGION
  if (region === undefined) throw new Error('AWS_REGION says nothing: the gateway does not know its region')
  return region
}
