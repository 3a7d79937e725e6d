/**
 * What has to be read again and must not stand in a table as it is: encrypted under the deployment's own key of AWS KMS, up to 4,096
 * bytes. Whoever reads the table alone reads nothing.
 * Source: AWS KMS API reference, Encrypt and Decrypt; AWS KMS developer guide, "Encryption context".
 */
import { DecryptCommand, EncryptCommand, KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms'
import { createRecentlyUsed } from '../platform/recently-used.ts'

export interface Seal {
  /** @param purpose Stands in KMS's trail, and has to be the same when it is opened: what is sealed for one thing is of no use for another. */
  seal(text: string, purpose: string): Promise<string>
  /** @throws what the SDK throws, e.g. where it was sealed under another key or for another purpose. */
  open(sealed: string, purpose: string): Promise<string>
}

/**
 * Opened ones that an environment remembers, so that a warm run asks nobody. A gateway has a handful, and one for each person who brings
 * a key for searching; a thousand of them are some hundred kilobytes.
 */
const REMEMBERED = 1_000

/** @param client Tests name an emulator here; otherwise the SDK reads `AWS_ENDPOINT_URL_KMS` itself. */
export function openSeal(
  keyArn: string,
  client: Pick<KMSClientConfig, 'endpoint' | 'region' | 'credentials'> = {},
): Seal {
  const kms = new KMSClient({
    ...client,
    // It answers in tens of milliseconds; a silent socket is dead, and the second try is for it.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  })
  const opened = createRecentlyUsed<string>(REMEMBERED)
  return {
    async seal(text, purpose) {
      const { CiphertextBlob } = await kms.send(
        new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from(text), EncryptionContext: { purpose } }),
      )
      return Buffer.from(CiphertextBlob ?? []).toString('base64')
    },
    async open(sealed, purpose) {
      const known = opened.get(`${purpose} ${sealed}`)
      if (known !== undefined) return known
      const { Plaintext } = await kms.send(
        new DecryptCommand({
          KeyId: keyArn,
          CiphertextBlob: Buffer.from(sealed, 'base64'),
          EncryptionContext: { purpose },
        }),
      )
      const text = Buffer.from(Plaintext ?? []).toString()
      opened.set(`${purpose} ${sealed}`, text)
      return text
    },
  }
}
