/**
 * AWS Key Management Service on this machine: Encrypt and Decrypt under symmetric keys, in its wire format (AWS JSON 1.1). The keys are
 * kept in one file, so that what was sealed before a restart can be opened after it.
 * Source: AWS KMS API reference, Encrypt and Decrypt.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { callerOf } from './caller.ts'
import { type Answer, type Service, startService } from './service.ts'

export interface Kms extends Service {
  /** Makes a key, unless there is one under that ARN. */
  create(arn: string): void
}

/** ARN → 256 bits, as base64. */
type Keys = Record<string, string>

export async function startKms(options: { readonly path?: string } = {}): Promise<Kms> {
  const { path } = options
  const keys: Keys = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const service = await startService((headers, body) => {
    if (callerOf(headers.authorization, 'kms') === undefined)
      return refused('MissingAuthenticationTokenException', 'Missing Authentication Token', 403)
    return operate(String(headers['x-amz-target']).split('.')[1] ?? '', JSON.parse(body || '{}'), keys)
  })
  return {
    ...service,
    create(arn) {
      if (keys[arn] !== undefined) return
      keys[arn] = randomBytes(32).toString('base64')
      if (path === undefined) return
      // Written beside and moved: a crash leaves the old file or the new one, never half of one.
      writeFileSync(`${path}.new`, JSON.stringify(keys), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}

const json = (status: number, value: object): Answer => ({
  status,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
})
const refused = (type: string, message: string, status = 400): Answer => json(status, { __type: type, message })

interface Asked {
  readonly KeyId?: string
  readonly Plaintext?: string
  readonly CiphertextBlob?: string
  readonly EncryptionContext?: Readonly<Record<string, string>>
}

function operate(operation: string, asked: Asked, keys: Keys): Answer {
  if (operation === 'Encrypt') return encrypt(asked, keys)
  if (operation === 'Decrypt') return decrypt(asked, keys)
  return refused('UnknownOperationException', `${operation} is not emulated here`)
}

/** KMS's own limit. */
const MOST_BYTES = 4096
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** In one order, whoever sends it. */
const bound = (context: Asked['EncryptionContext']): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))))

function encrypt({ KeyId = '', Plaintext = '', EncryptionContext }: Asked, keys: Keys): Answer {
  const key = keys[KeyId]
  if (key === undefined) return refused('NotFoundException', `Key '${KeyId}' does not exist`)
  const plain = Buffer.from(Plaintext, 'base64')
  if (plain.length === 0 || plain.length > MOST_BYTES) {
    const words = `Member must have length between 1 and ${MOST_BYTES}, inclusive`
    return refused('ValidationException', `1 validation error detected: Value at 'plaintext' failed: ${words}`)
  }
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, Buffer.from(key, 'base64'), nonce).setAAD(bound(EncryptionContext))
  const content = Buffer.concat([cipher.update(plain), cipher.final()])
  const name = Buffer.from(KeyId)
  const blob = Buffer.concat([Buffer.from([name.length]), name, nonce, cipher.getAuthTag(), content])
  return json(200, { CiphertextBlob: blob.toString('base64'), KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
}

function decrypt({ KeyId, CiphertextBlob = '', EncryptionContext }: Asked, keys: Keys): Answer {
  const blob = Buffer.from(CiphertextBlob, 'base64')
  const end = 1 + (blob[0] ?? 0)
  const name = blob.subarray(1, end).toString()
  const key = keys[name]
  if (key === undefined) return refused('InvalidCiphertextException', '')
  if (KeyId !== undefined && KeyId !== name) {
    const words = 'The key ID in the request does not identify a CMK that can perform this operation.'
    return refused('IncorrectKeyException', words)
  }
  try {
    const nonce = blob.subarray(end, end + NONCE_BYTES)
    const tag = blob.subarray(end + NONCE_BYTES, end + NONCE_BYTES + TAG_BYTES)
    const decipher = createDecipheriv(CIPHER, Buffer.from(key, 'base64'), nonce)
      .setAAD(bound(EncryptionContext))
      .setAuthTag(tag)
    const content = blob.subarray(end + NONCE_BYTES + TAG_BYTES)
    const plain = Buffer.concat([decipher.update(content), decipher.final()])
    return json(200, { Plaintext: plain.toString('base64'), KeyId: name, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
  } catch {
    return refused('InvalidCiphertextException', '')
  }
}
