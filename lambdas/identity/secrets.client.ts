/** Secrets Manager, as far as the gateway reads it. */
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Instant } from '../platform/instant.ts'

type SecretStage = 'AWSCURRENT' | 'AWSPREVIOUS'

export interface Secrets {
  /** `undefined` where the secret has no such version. */
  read(arn: string, stage: SecretStage): Promise<string | undefined>
}

export interface SecretsOptions {
  /** Tests name an emulator here; otherwise the SDK reads `AWS_ENDPOINT_URL_SECRETS_MANAGER` itself. */
  readonly endpoint?: string
}

export function openSecrets(options: SecretsOptions = {}): Secrets {
  const client = new SecretsManagerClient({
    ...(options.endpoint === undefined
      ? {}
      : {
          endpoint: options.endpoint,
          region: 'us-east-1',
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        }),
    // It answers in tens of milliseconds; a silent socket is dead.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  })
  return {
    async read(arn, stage) {
      try {
        return (await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: stage }))).SecretString
      } catch (thrown) {
        if (thrown instanceof ResourceNotFoundException) return undefined
        throw thrown
      }
    },
  }
}

/** A secret that an environment keeps, so that a warm request asks nobody. */
export interface KeptSecret<T> {
  value(at: Instant): Promise<T>
  /** Read anew, unless that was done a moment ago: for whoever found the kept one not to fit. */
  renewed(at: Instant): Promise<T>
}

/** A rotation is noticed by the first request that does not fit; a flood of such requests costs two reads a minute. */
const RENEWAL_MS = 30_000

export function keepSecret<T>(read: () => Promise<T>): KeptSecret<T> {
  let kept: { readonly value: Promise<T>; readonly readAt: Instant } | undefined
  const fetch = (at: Instant): Promise<T> => {
    const value = read()
    kept = { value, readAt: at }
    // A failure is told to those who wait for it, and not kept for those who come later.
    value.catch(() => {
      if (kept?.value === value) kept = undefined
    })
    return value
  }
  return {
    value: (at) => kept?.value ?? fetch(at),
    renewed: (at) => (kept !== undefined && at - kept.readAt < RENEWAL_MS ? kept.value : fetch(at)),
  }
}

/** @throws Error when the secret has no current version: the deployment makes one, so that is a mistake of ours. */
export async function currentSecret(secrets: Secrets, arn: string): Promise<string> {
  const value = await secrets.read(arn, 'AWSCURRENT')
  if (value === undefined) throw new Error(`there is no secret ${arn}`)
  return value
}
