import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readCredential } from '../../../lambdas/admission/credential.ts'

const KEY = `sk-proxy-${'0a'.repeat(32)}`
const OTHER = `sk-proxy-${'1b'.repeat(32)}`
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const read = (headers: Record<string, string>) => readCredential(new Headers(headers)).sha256

test.each([
  ['a bearer', { authorization: `Bearer ${KEY}` }],
  ['a bearer in lower case', { authorization: `bearer ${KEY}` }],
  ['x-api-key', { 'x-api-key': KEY }],
  ['anthropic-api-key', { 'anthropic-api-key': KEY }],
  ['a bearer before x-api-key', { authorization: `Bearer ${KEY}`, 'x-api-key': OTHER }],
  ['x-api-key beside an Authorization of another scheme', { authorization: 'Basic dTpw', 'x-api-key': KEY }],
])('%s is the credential', (_name, headers) => {
  expect(read(headers as unknown as Record<string, string>)).toBe(hashOf(KEY))
})

test.each([
  ['none at all', {}, /No API key/],
  ['an empty bearer, as a failed key helper sends it', { authorization: 'Bearer ', 'x-api-key': KEY }, /not valid/],
  ['something else than a virtual key', { authorization: 'Bearer sk-ant-123' }, /not valid/],
  ['upper-case hex', { 'x-api-key': KEY.toUpperCase() }, /not valid/],
])('%s is refused', (_name, headers, message) => {
  expect(() => read(headers as unknown as Record<string, string>)).toThrow(message as RegExp)
})
