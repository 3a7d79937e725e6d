import { expect, test } from 'vitest'
import { hashOfKey, isVirtualKey, prefixOfKey, rawKeyOf } from '../../../lambdas/keys/virtual-key.ts'

test('A4: a raw key is 73 characters: the mark and 64 hex digits', () => {
  const raw = rawKeyOf('0123456789abcdef'.repeat(4))
  expect(raw).toBe(`sk-proxy-${'0123456789abcdef'.repeat(4)}`)
  expect(raw).toHaveLength(73)
  expect(isVirtualKey(raw)).toBe(true)
})

test.each(['', 'ab', 'A'.repeat(64), 'g'.repeat(64), '0'.repeat(63), '0'.repeat(65)])('no key is made of %j', (hex) => {
  expect(() => rawKeyOf(hex)).toThrow(RangeError)
})

test.each([`sk-proxy-${'0'.repeat(64)}\n`, ` sk-proxy-${'0'.repeat(64)}`, `sk-ant-${'0'.repeat(64)}`])(
  '%j is no virtual key',
  (text) => {
    expect(isVirtualKey(text)).toBe(false)
  },
)

test('A3: the hash is SHA-256 of the whole text, as the reference stores it', () => {
  // printf 'abc' | sha256sum
  expect(hashOfKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hashOfKey('abd')).not.toBe(hashOfKey('abc'))
})

test.each([
  ['0123456789abcdef0', '0123456789abcdef...'],
  ['0123456789abcdef', '0123456789abcdef'],
  ['short', 'short'],
  ['sk-proxy-0123456789', 'sk-proxy-0123456...'],
])('of %s is shown %s', (raw, shown) => {
  expect(prefixOfKey(raw)).toBe(shown)
})
