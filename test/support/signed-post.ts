/** A request with a signature of SigV4, made by AWS's own signer. */
import { type BinaryLike, createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

export interface Signed {
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
  readonly region: string
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}

class Sha256 {
  private readonly hash
  constructor(secret?: BinaryLike) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data: BinaryLike): void {
    this.hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
}

export async function signedPost(address: string, signed: Signed): Promise<Response> {
  const url = new URL(address)
  const signer = new SignatureV4({
    service: 'bedrock',
    region: signed.region,
    credentials: signed.credentials ?? { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
    sha256: Sha256 as never,
  })
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: {},
    headers: { host: url.host, 'content-type': 'application/json', ...signed.headers },
    body: JSON.stringify(signed.body),
  }
  const { headers, body } = await signer.sign(request)
  const { host: _host, ...sent } = headers
  return fetch(url, { method: 'POST', headers: sent, body: body as string })
}
