import { expect, test } from 'vitest'
import { createKinds } from '../../../lambdas/bedrock/kinds.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'
import { endpointLike } from '../../support/upstream-calls.ts'

const AT = instant(1_000_000)
const native = endpointLike({ id: 'a', upstream: 'messages' })

test('an endpoint is spoken to as it is set', () => {
  const kinds = createKinds()
  expect(kinds.kindOf(native, AT)).toBe('messages')
  expect(kinds.kindOf(endpointLike({ id: 'b' }), AT)).toBe('invoke')
})

test('one that has no Messages API is spoken to with InvokeModel for ten minutes, itself alone and unchanged', () => {
  const kinds = createKinds()
  kinds.noteAbsent(native, AT)
  expect(kinds.kindOf(native, addMs(AT, 10 * 60_000 - 1))).toBe('invoke')
  expect(kinds.kindOf(native, addMs(AT, 10 * 60_000))).toBe('messages')
  expect(kinds.kindOf({ ...native, id: 'c' }, AT)).toBe('messages')
  expect(kinds.kindOf({ ...native, rev: 2 }, AT)).toBe('messages')
})
