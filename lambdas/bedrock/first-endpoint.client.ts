/** Bedrock in the gateway's own account and region, for whoever knows of no other endpoint. */
import { type Endpoint, FIRST_ENDPOINT_ID, NO_OPTIONS } from '../endpoints/endpoint.ts'
import { instant } from '../platform/instant.ts'
import type { Upstream, UpstreamCall } from './upstream.ts'

export interface InvokeRequest {
  readonly bedrockId: string
  /** The client's name of the model, for the words of a refusal. */
  readonly model: string
  readonly body: Uint8Array
}

export interface InvokeClient {
  /** Resolves with the first chunk in hand. @throws Fault, also from the iterator when the stream breaks. */
  stream(request: InvokeRequest, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array, void>>
  /** The whole answer as JSON. @throws Fault */
  whole(request: InvokeRequest, signal: AbortSignal): Promise<Uint8Array>
  /** @throws Fault */
  countTokens(request: InvokeRequest): Promise<number>
}

export function openInvokeClient(upstream: Upstream, region: string): InvokeClient {
  const endpoint: Endpoint = {
    id: FIRST_ENDPOINT_ID,
    name: 'Default',
    region,
    routingPrefix: 'global',
    roleArn: null,
    externalId: null,
    priority: 0,
    enabled: true,
    upstream: 'invoke',
    options: NO_OPTIONS,
    createdAt: instant(0),
    rev: 0,
  }
  const callOf = ({ bedrockId, model, body }: InvokeRequest): UpstreamCall => ({
    endpoint,
    modelId: bedrockId,
    model,
    body,
    betas: [],
    anthropicVersion: null,
    options: NO_OPTIONS,
    attribution: { teamId: null, identity: '', keyId: '', sessionId: null },
  })
  return {
    stream: (request, signal) => upstream.stream(callOf(request), signal),
    whole: (request, signal) => upstream.whole(callOf(request), signal),
    countTokens: (request) => upstream.countTokens(callOf(request)),
  }
}
