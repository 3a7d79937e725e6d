import { expect, test } from 'vitest'
import { isAllowedOrigin } from '../../../lambdas/messages/cross-origin.ts'

test.each(['https://claude.ai', 'https://pivot.claude.ai', 'https://a.b.claude.ai'])(
  'A22: a page of %s may call',
  (origin) => {
    expect(isAllowedOrigin(origin, [])).toBe(true)
  },
)

test.each([
  'http://claude.ai',
  'http://pivot.claude.ai',
  'https://claude.ai:8443',
  'https://pivot.claude.ai:8443',
  'https://fakeclaude.ai',
  'https://claude.ai.attacker.com',
  'https://evil.claude.ai.attacker.com',
  'https://attacker.com/.claude.ai',
  'https://attacker.com:1.claude.ai',
  'https://attacker.com#.claude.ai',
  'https://me@x.claude.ai',
  'https://.claude.ai',
  'https://example.com',
  'null',
  '',
])('A23: a page of %j may not', (origin) => {
  expect(isAllowedOrigin(origin, [])).toBe(false)
})

test('a deployment may name more', () => {
  const more = ['https://app.example.com', 'https://*.example.org:8443', 'http://localhost:5173']
  const allowed = ['https://app.example.com', 'https://a.example.org:8443', 'http://localhost:5173']
  expect(allowed.map((origin) => isAllowedOrigin(origin, more))).toEqual([true, true, true])
  const refused = ['https://b.app.example.com', 'https://a.example.org', 'https://example.org:8443', 'http://localhost']
  expect(refused.map((origin) => isAllowedOrigin(origin, more))).toEqual([false, false, false, false])
})
