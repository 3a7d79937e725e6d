/**
 * Takes the place of `@aws-sdk/token-providers` in the bundles of deployed functions (`lib/constructs/gateway-function.ts`). A function
 * signs with the credentials of its role; the SDK's search for a bearer token brings along clients of SSO and OIDC, 20 kB of each bundle
 * that speaks to Bedrock.
 */

const noToken = () => (): Promise<never> =>
  Promise.reject(new Error('A function signs with its role and has no token.'))

/** Under the names by which the SDK's clients import them. */
export const fromEnvSigningName = noToken
export const nodeProvider = noToken
