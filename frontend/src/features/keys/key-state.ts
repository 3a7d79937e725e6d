/** How a key is, and what it is held to, in words. */

import type { Key } from '../../api/people-types.ts'
import { limitInShort } from '../../format/budget.ts'
import { ratesInWords } from '../../format/limits.ts'
import { modelName } from '../../format/model-name.ts'
import { count, exactCount } from '../../format/number.ts'

const DAY_MS = 86_400_000
/** Two weeks before a key ends somebody should make another. */
const SOON_DAYS = 14

export interface KeyState {
  readonly kind: 'ok' | 'warn' | 'off'
  readonly word: string
}

export function stateOf({ status, expires_at }: Pick<Key, 'status' | 'expires_at'>, now: number): KeyState {
  if (status === 'revoked') return { kind: 'off', word: 'Revoked' }
  if (status === 'expired') return { kind: 'off', word: 'Expired' }
  if (expires_at === null) return { kind: 'ok', word: 'Active' }
  const left = Date.parse(expires_at) - now
  if (left > SOON_DAYS * DAY_MS) return { kind: 'ok', word: 'Active' }
  if (left < DAY_MS) return { kind: 'warn', word: 'Expires today' }
  return { kind: 'warn', word: `Expires in ${Math.floor(left / DAY_MS)} d` }
}

type Limits = Pick<Key, 'rate_limit_rpm' | 'rate_limit_tpm' | 'allowed_models' | 'budget'>

/** One thing each; empty where it is held to nothing. */
export function limitsOf({
  rate_limit_rpm: rpm,
  rate_limit_tpm: tpm,
  allowed_models,
  budget,
}: Limits): readonly string[] {
  return [
    ...(budget === null ? [] : [limitInShort(budget.amount_usd, budget.period)]),
    ...(rpm === null ? [] : [`${exactCount(rpm)} rpm`]),
    ...(tpm === null ? [] : [`${count(tpm)} tpm`]),
    ...(allowed_models === null ? [] : [modelsInWords(allowed_models)]),
  ]
}

const modelsInWords = (models: readonly string[]): string =>
  models.length === 1 ? modelName(models[0] ?? '') : `${models.length} models`

/** All of it, where a cell has room for less. */
export function limitsInWords({ rate_limit_rpm: rpm, rate_limit_tpm: tpm, allowed_models, budget }: Limits): string {
  const rates = ratesInWords({ rpm, tpm })
  return [
    ...(budget === null ? [] : [limitInShort(budget.amount_usd, budget.period)]),
    ...(rates === undefined ? [] : [rates]),
    ...(allowed_models ?? []),
  ].join('; ')
}
