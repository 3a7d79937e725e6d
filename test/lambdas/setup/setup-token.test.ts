import { expect, test } from 'vitest'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import {
  idOfSetupToken,
  isSetupToken,
  newSetupToken,
  setupTokenOf,
  stateOf,
  unseal,
} from '../../../lambdas/setup/setup-token.ts'

const at = instant(Date.UTC(2026, 10, 24))
const rawKey = `sk-proxy-${'0123456789abcdef'.repeat(4)}`
const [one, other] = ['a', 'b'].map((digit) => setupTokenOf(digit.repeat(32))) as [string, string]
const made = newSetupToken({
  token: one,
  rawKey,
  keyId: 'key',
  maker: { userId: 'user', email: 'one@example.com' },
  at,
})

test('what is kept of a token opens nothing: neither token nor key stand in it', () => {
  const kept = JSON.stringify(made)
  for (const secret of [one, one.slice(3), rawKey, rawKey.slice(9), Buffer.from(rawKey).toString('base64')]) {
    expect(kept).not.toContain(secret)
  }
  expect(made.id).toBe(idOfSetupToken(one))
})

test('the token gives the key back, and nothing else does', () => {
  const sealed = String(made.sealed)
  expect(unseal(sealed, one)).toBe(rawKey)
  expect(() => unseal(sealed, other)).toThrow()
  expect(() => unseal(sealed, made.id)).toThrow()
})

test('a key that was changed in the table is not given out', () => {
  const bytes = Buffer.from(String(made.sealed), 'base64')
  for (const place of [0, bytes.length >> 1, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[place] = (changed[place] ?? 0) ^ 1
    expect(() => unseal(changed.toString('base64'), one)).toThrow()
  }
  expect(() => unseal(bytes.subarray(0, -1).toString('base64'), one)).toThrow()
})

test('the same key under another token looks different', () => {
  expect(newSetupToken({ ...made, token: other, rawKey, at }).sealed).not.toBe(made.sealed)
})

test.each(['', 'st_', `st_${'a'.repeat(31)}`, `st_${'a'.repeat(33)}`, `st_${'A'.repeat(32)}`, `${one}\n`, ` ${one}`])(
  '%j is no token',
  (text) => {
    expect(isSetupToken(text)).toBe(false)
  },
)

test('a token waits, is fetched, is used; and expires after five minutes unless it was used', () => {
  const expiry = addMs(at, 300_000)
  expect(stateOf(made, addMs(expiry, -1))).toBe('waiting')
  expect(stateOf(made, expiry)).toBe('expired')
  const fetched = { ...made, fetchedAt: at }
  expect([stateOf(fetched, at), stateOf(fetched, expiry)]).toEqual(['fetched', 'expired'])
  expect(stateOf({ ...fetched, usedAt: at }, expiry)).toBe('used')
})
