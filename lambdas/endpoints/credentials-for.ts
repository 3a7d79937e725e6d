/** With whose rights an endpoint is asked. */
import type { Endpoint } from './endpoint.ts'

/** What decides where a call goes, and as whom. */
export type EndpointPlace = Pick<Endpoint, 'id' | 'rev' | 'region' | 'roleArn' | 'externalId'>

interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** `undefined`: those of the function itself. The promise fails where the role cannot be assumed. */
export type CredentialsFor = (endpoint: EndpointPlace) => (() => Promise<Identity>) | undefined
