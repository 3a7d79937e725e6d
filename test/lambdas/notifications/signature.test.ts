import { expect, test } from 'vitest'
import { signatureOf } from '../../../lambdas/notifications/signature.ts'

test('is HMAC-SHA256 over time and body, as anybody can work it out', () => {
  // printf '1795521600.{"a":1}' | openssl dgst -sha256 -hmac 'whsec_test'
  expect(signatureOf('whsec_test', '1795521600', '{"a":1}')).toBe(
    'v1=8c362c5ef5b222aa7d8d479c60c5186221045ddbb7e399ccaf658f49191aea3d',
  )
})

test('is another one for another time, body or secret', () => {
  const sums = [
    signatureOf('s', '1', 'body'),
    signatureOf('s', '2', 'body'),
    signatureOf('s', '1', 'other'),
    signatureOf('t', '1', 'body'),
  ]
  expect(new Set(sums).size).toBe(4)
})
