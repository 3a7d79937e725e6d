import { expect, test } from 'vitest'
import { matchesPath } from '../../../local/distribution/path-pattern.ts'

test.each<[string, string, boolean]>([
  ['*', '/', true],
  ['*', '/any/thing', true],
  ['/portal*', '/portal', true],
  ['/portal*', '/portal/keys', true],
  ['/portal*', '/portals', true],
  ['/portal*', '/Portal', false],
  ['/portal*', '/x/portal', false],
  ['portal*', '/portal/keys', true],
  ['/metrics', '/metrics', true],
  ['/metrics', '/metrics/', false],
  ['/metrics', '/metricsx', false],
  ['/a?c', '/abc', true],
  ['/a?c', '/ac', false],
  ['/a?c', '/abbc', false],
  ['*.js', '/deep/app.js', true],
  ['*.js', '/appxjs', false],
  ['/a+(b)', '/a+(b)', true],
  ['/a+(b)', '/aab', false],
])('%s and %s: %s', (pattern, path, expected) => expect(matchesPath(pattern, path)).toBe(expected))
