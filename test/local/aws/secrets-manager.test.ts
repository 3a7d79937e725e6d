import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { type SecretsManager, startSecretsManager } from '../../../local/aws/secrets-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'secrets-test-'))
const path = join(folder, 'secrets.json')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const clientOf = ({ endpoint }: SecretsManager) =>
  new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })

test('the SDK reads what was put, the version before it, and what is kept over a restart', async () => {
  const first = await startSecretsManager({ path })
  first.put('arn:one', 'old')
  const client = clientOf(first)
  await client.send(new PutSecretValueCommand({ SecretId: 'arn:one', SecretString: 'new' }))
  const read = async (from: SecretsManager, VersionStage?: string) =>
    (await clientOf(from).send(new GetSecretValueCommand({ SecretId: 'arn:one', VersionStage }))).SecretString
  expect([await read(first), await read(first, 'AWSPREVIOUS')]).toEqual(['new', 'old'])
  await first.stop()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const second = await startSecretsManager({ path })
  expect(await read(second)).toBe('new')
  await second.stop()
})

test('what is not there, and what is not emulated, is refused by AWS’s names', async () => {
  const secrets = await startSecretsManager()
  const client = clientOf(secrets)
  await expect(client.send(new GetSecretValueCommand({ SecretId: 'arn:none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' })
  await secrets.stop()
})
