import { describe, expect, test } from 'vitest'
import { isPublic, judgeUrl } from '../../../lambdas/http/outbound-url.ts'
import { HOSTILE_URLS } from '../../support/hostile-urls.ts'

const NOBODY = new Set<string>()

test('the table is as long as it is meant to be', () => expect(HOSTILE_URLS.length).toBeGreaterThanOrEqual(60))

test.each(HOSTILE_URLS)('O22: %s is refused', (url) => {
  expect(judgeUrl(url, NOBODY)).toMatchObject({ ok: false, refusal: expect.any(String) })
})

test.each([
  'https://hooks.example.com/services/a?b=c#d',
  'https://hooks.example.com:8443/',
  'https://8.8.8.8/',
  'https://[2606:4700:4700::1111]/',
  'https://xn--bcher-kva.example/',
  'https://bücher.example/',
])('%s may be asked', (url) => expect(judgeUrl(url, NOBODY)).toMatchObject({ ok: true, allowed: false }))

describe('a host that the deployment allows', () => {
  const allowed = new Set(['localhost', '127.0.0.1:9000', '[::1]'])

  test.each(['http://localhost:1234/x', 'https://localhost/', 'http://127.0.0.1:9000/x', 'http://[::1]:80/'])(
    '%s may be asked, over http too',
    (url) => expect(judgeUrl(url, allowed)).toMatchObject({ ok: true, allowed: true }),
  )

  test.each([
    'http://127.0.0.1:9001/x',
    'https://127.0.0.1/',
    'http://localhost@10.0.0.1/',
    'http://user@localhost/',
    'ftp://localhost/',
    'http://localhost.example.com/',
  ])('%s may not', (url) => expect(judgeUrl(url, allowed)).toMatchObject({ ok: false }))
})

test('what is no address is not public', () => {
  expect(['', 'example.com', '1.2.3', '300.1.1.1'].filter(isPublic)).toEqual([])
})
