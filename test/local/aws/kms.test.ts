import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeal } from '../../../lambdas/secrets/seal.client.ts'
import { type Kms, startKms } from '../../../local/aws/kms.ts'

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/one'
const OTHER = 'arn:aws:kms:us-east-1:000000000000:key/other'
const folder = mkdtempSync(join(tmpdir(), 'kms-'))
const path = join(folder, 'kms.json')
const settings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})
let kms: Kms
let client: KMSClient
beforeAll(async () => {
  kms = await startKms({ path })
  kms.create(KEY)
  kms.create(OTHER)
  client = new KMSClient(settings(kms.endpoint))
})
afterAll(async () => {
  client.destroy()
  await kms.stop()
  rmSync(folder, { recursive: true })
})

const encrypt = async (text: string, EncryptionContext?: Record<string, string>, KeyId = KEY) =>
  (await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(text), EncryptionContext }))).CiphertextBlob
const decrypt = async (CiphertextBlob: Uint8Array | undefined, rest: object = {}) =>
  Buffer.from((await client.send(new DecryptCommand({ CiphertextBlob, ...rest }))).Plaintext ?? []).toString()

test('what was encrypted is decrypted, with the key that it names itself', async () => {
  const blob = await encrypt('a secret', { purpose: 'test' })
  expect(Buffer.from(blob ?? []).includes('a secret')).toBe(false)
  expect(await decrypt(blob, { EncryptionContext: { purpose: 'test' } })).toBe('a secret')
  expect(await decrypt(await encrypt('x'), { KeyId: KEY })).toBe('x')
})

test('another context, another key and a blob that was touched are refused in the words of KMS', async () => {
  const blob = await encrypt('a secret', { purpose: 'test' })
  await expect(decrypt(blob)).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
  const touched = Buffer.from(blob ?? [])
  touched[touched.length - 1] = (touched.at(-1) ?? 0) ^ 1
  const EncryptionContext = { purpose: 'test' }
  await expect(decrypt(touched, { EncryptionContext })).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
  await expect(decrypt(blob, { EncryptionContext, KeyId: OTHER })).rejects.toMatchObject({
    name: 'IncorrectKeyException',
  })
  await expect(encrypt('x', {}, 'arn:aws:kms:us-east-1:000000000000:key/none')).rejects.toMatchObject({
    name: 'NotFoundException',
  })
  await expect(encrypt('x'.repeat(4097))).rejects.toMatchObject({ name: 'ValidationException' })
})

test('keys outlive a restart, in a file that is its owner’s alone; one that is there is not made anew', async () => {
  const blob = await encrypt('kept')
  const again = await startKms({ path })
  again.create(KEY)
  const other = new KMSClient(settings(again.endpoint))
  const { Plaintext } = await other.send(new DecryptCommand({ CiphertextBlob: blob }))
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  other.destroy()
  await again.stop()
})

test('a seal is opened for the purpose it was made for, and for no other', async () => {
  const seal = openSeal(KEY, settings(kms.endpoint))
  const sealed = await seal.seal('https://hooks.example.com/secret', 'webhook')
  expect(sealed).not.toContain('hooks')
  expect(await seal.open(sealed, 'webhook')).toBe('https://hooks.example.com/secret')
  await expect(seal.open(sealed, 'search')).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
  // Opened once, it is known for as long as the environment lives.
  await kms.stop()
  expect(await seal.open(sealed, 'webhook')).toBe('https://hooks.example.com/secret')
})
