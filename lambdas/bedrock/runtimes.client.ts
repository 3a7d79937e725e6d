/** Bedrock Runtime as an endpoint has it: its region, its account's credentials, the connections that all of them share. */
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { type AwsIdentity, openEndpointCredentials, type RoleEndpoint } from '../endpoints/credentials.client.ts'
import type { Endpoint } from '../endpoints/endpoint.ts'
import type { Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'
import { type Connections, openConnections } from './connections.client.ts'
import type { UpstreamCall } from './upstream.ts'

export interface Runtime {
  /** For what the SDK speaks. */
  readonly bedrock: BedrockRuntimeClient
  /** For what is spoken without it. */
  readonly url: URL
  readonly region: string
  identity(): Promise<AwsIdentity>
}

export interface Runtimes {
  readonly connections: Connections
  now(): Instant
  /** @throws Fault where the endpoint's role cannot be had. */
  of(call: Pick<UpstreamCall, 'endpoint' | 'attribution'>): Promise<Runtime>
}

export interface RuntimesOptions {
  now(): Instant
  /** Absent: where AWS has it in the endpoint's region. */
  readonly bedrockUrl?: string | undefined
  /** Absent: the SDK looks for the gateway's own. */
  readonly credentials?: BedrockRuntimeClientConfig['credentials']
  /** Absent: where AWS has it, or `AWS_ENDPOINT_URL_STS`, which the SDK reads. */
  readonly stsUrl?: string | undefined
}

/** A client weighs 85 kB and takes a tenth of a millisecond to make; as many people are served at a time, at most. */
const MOST_CLIENTS = 64

export function openRuntimes(options: RuntimesOptions): Runtimes {
  const connections = openConnections(options.now)
  const own = options.credentials === undefined ? {} : { credentials: options.credentials }
  const roles = openEndpointCredentials({
    now: options.now,
    client: {
      requestHandler: connections.handler,
      ...own,
      ...(options.stsUrl !== undefined && { endpoint: options.stsUrl }),
    },
  })
  const known = createRecentlyUsed<Runtime>(MOST_CLIENTS)
  // A client that is not needed any more is let go and not destroyed: that would end the connections of the others.
  const runtimeFor = (endpoint: Endpoint, identity: AwsIdentity | undefined): Runtime => {
    const key = `${endpoint.id}#${endpoint.rev}#${identity?.accessKeyId ?? ''}`
    const found = known.get(key)
    if (found !== undefined) return found
    const bedrock = new BedrockRuntimeClient({
      ...(identity === undefined ? own : { credentials: identity }),
      ...(options.bedrockUrl !== undefined && { endpoint: options.bedrockUrl }),
      region: endpoint.region,
      // Not the bearer token that the environment may hold: it is of one account, whatever endpoint is asked.
      authSchemePreference: ['sigv4'],
      maxAttempts: 1,
      requestHandler: connections.handler,
    })
    const runtime: Runtime = {
      bedrock,
      url: urlOf(bedrock, endpoint.region, options.bedrockUrl),
      region: endpoint.region,
      identity: () => bedrock.config.credentials(),
    }
    known.set(key, runtime)
    return runtime
  }
  return {
    connections,
    now: options.now,
    async of({ endpoint, attribution }) {
      return runtimeFor(endpoint, isBehindRole(endpoint) ? await roles.of(endpoint, attribution) : undefined)
    },
  }
}

const isBehindRole = (endpoint: Endpoint): endpoint is Endpoint & RoleEndpoint => endpoint.roleArn !== null

/** By the SDK's own rules, which know the host names of every partition. */
const urlOf = (bedrock: BedrockRuntimeClient, region: string, given: string | undefined): URL =>
  bedrock.config.endpointProvider({
    Region: region,
    UseFIPS: false,
    UseDualStack: false,
    ...(given !== undefined && { Endpoint: given }),
  }).url
