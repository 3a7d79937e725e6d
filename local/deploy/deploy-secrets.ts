/** The template's secrets, generated as CloudFormation generates them: once, and kept. */
import { randomInt } from 'node:crypto'
import type { SecretsManager } from '../aws/secrets-manager.ts'
import { secretArnOf } from './names.ts'
import type { Template } from './template.ts'

interface GenerateSecretString {
  readonly SecretStringTemplate?: string
  readonly GenerateStringKey?: string
  readonly PasswordLength?: number
  readonly ExcludePunctuation?: boolean
  readonly ExcludeCharacters?: string
}

export function deploySecrets(template: Template, secrets: SecretsManager): void {
  for (const { logicalId, properties } of template.of('AWS::SecretsManager::Secret')) {
    const arn = secretArnOf(logicalId)
    if (secrets.get(arn) === undefined)
      secrets.put(arn, generate((properties.GenerateSecretString ?? {}) as GenerateSecretString))
  }
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
/** Secrets Manager's default. */
const DEFAULT_LENGTH = 32

function generate(wish: GenerateSecretString): string {
  const all = LETTERS_AND_DIGITS + (wish.ExcludePunctuation === true ? '' : PUNCTUATION)
  const allowed = [...all].filter((character) => !(wish.ExcludeCharacters ?? '').includes(character))
  const length = wish.PasswordLength ?? DEFAULT_LENGTH
  const password = Array.from({ length }, () => allowed[randomInt(allowed.length)]).join('')
  if (wish.GenerateStringKey === undefined) return password
  return JSON.stringify({ ...JSON.parse(wish.SecretStringTemplate ?? '{}'), [wish.GenerateStringKey]: password })
}
