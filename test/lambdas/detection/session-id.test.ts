import { expect, test } from 'vitest'
import { sessionIdOf } from '../../../lambdas/detection/session-id.ts'

const UUID = '00000000-0000-4000-8000-000000000001'
const of = (user_id: unknown, headers: Record<string, string> = {}) =>
  sessionIdOf({ metadata: { user_id } }, new Headers(headers))

test.each<[string, unknown, Record<string, string>, string | null]>([
  ['the header, before all', '{"session_id":"other"}', { 'x-claude-code-session-id': UUID }, UUID],
  ['the member of the JSON that the client puts into user_id', `{"device_id":"d","session_id":"${UUID}"}`, {}, UUID],
  ['the end of an older client’s user_id', `user_${'a'.repeat(64)}_account__session_${UUID}`, {}, UUID],
  ['a plain user_id of another client', 'conversation-7', {}, 'conversation-7'],
  ['nothing, where user_id is long', 'x'.repeat(101), {}, null],
  ['nothing, where the JSON tells none', '{"device_id":"d"}', {}, null],
  ['nothing, where the JSON is none', '{"device_id', {}, null],
  ['nothing, where user_id is no string', 7, {}, null],
  ['nothing, where it is a credential', `sk-ant-${'a1'.repeat(20)}`, {}, null],
  ['nothing, where it is empty', '', { 'x-claude-code-session-id': '' }, null],
])('D2: the session is %s', (_name, userId, headers, session) => {
  expect(of(userId, headers)).toBe(session)
})

test('D2: a session is not required', () => {
  expect(sessionIdOf({}, new Headers())).toBeNull()
  expect(sessionIdOf({ metadata: 'x' }, new Headers())).toBeNull()
})
