/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the bundles of deployed functions (`lib/constructs/gateway-function.ts`).
 * Lambda hands its role's credentials over in the environment; the SDK's own search for them brings along clients of SSO,
 * OIDC, STS and the instance metadata, a fifth of the bundle of `messages`, for places where a function never is.
 * Source: AWS Lambda developer guide, "Defined runtime environment variables".
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

/** Under the name by which the SDK's clients import it. */
export const defaultProvider = fromEnv
