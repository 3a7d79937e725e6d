import { expect, test } from 'vitest'
import { EVENT_BODY_LIMIT, refuseOversized } from '../../../lambdas/messages/transport-limit.ts'

const refuse = (text: string) => refuseOversized(text, Buffer.byteLength(text))

test('just within the limit passes, just beyond is told in the words that make the client compact', () => {
  expect(() => refuse('a'.repeat(EVENT_BODY_LIMIT - 2))).not.toThrow()
  expect(() => refuse('a'.repeat(EVENT_BODY_LIMIT - 1))).toThrow(
    /^prompt is too long: 1475001 tokens > 1475000 maximum$/,
  )
})

test('what counts is the escaped length, as the event carries it', () => {
  expect(() => refuse('"'.repeat(EVENT_BODY_LIMIT / 2 + 1))).toThrow(/prompt is too long/)
})
