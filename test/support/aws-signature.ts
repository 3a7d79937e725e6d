/**
 * What a request's signature should be, from what arrived. Written after the specification and not with the SDK's signer, so that
 * the two check each other. Source: IAM user guide, "Create a signed AWS API request".
 */
import { createHash, createHmac } from 'node:crypto'
import type { Asked } from './wire-server.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export function signatureOf({ method, path, headers, body }: Asked, secret: string): string {
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(String(headers.authorization)) ?? []
  const [day = '', region = '', service = ''] = scope.split('/')
  const named = signed.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`)
  const canonical = [method, path, '', named.join(''), signed, sha256(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
  return hmac(key, toSign).toString('hex')
}

export const signatureToldBy = ({ headers }: Asked): string | undefined =>
  /Signature=([0-9a-f]{64})$/.exec(String(headers.authorization))?.[1]
