/** What is asked of Bedrock, for tests that only care for a part of it. */
import type { UpstreamCall } from '../../lambdas/bedrock/upstream.ts'
import { type Endpoint, FIRST_ENDPOINT_ID, NO_OPTIONS } from '../../lambdas/endpoints/endpoint.ts'
import { instant } from '../../lambdas/platform/instant.ts'

export const endpointLike = (given: Partial<Endpoint> = {}): Endpoint => ({
  id: FIRST_ENDPOINT_ID,
  name: 'Default',
  region: 'eu-central-1',
  routingPrefix: 'global',
  roleArn: null,
  externalId: null,
  priority: 0,
  enabled: true,
  upstream: 'invoke',
  options: NO_OPTIONS,
  createdAt: instant(0),
  rev: 1,
  ...given,
})

const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const messages = [{ role: 'user', content: 'hi' }]

const INVOKE_BODY = bytes({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 5, messages })
export const messagesBody = (stream: boolean): Uint8Array =>
  bytes({ model: 'global.anthropic.claude-opus-5-5', max_tokens: 5, messages, ...(stream && { stream }) })

export const callLike = (given: Partial<UpstreamCall> = {}): UpstreamCall => ({
  endpoint: endpointLike(),
  modelId: 'global.anthropic.claude-opus-5-5',
  model: 'claude-opus-5-5',
  body: INVOKE_BODY,
  betas: [],
  anthropicVersion: null,
  options: NO_OPTIONS,
  attribution: { teamId: 'team-1', identity: 'user-1', keyId: 'key-1', sessionId: null },
  ...given,
})
