import { describe, expect, test } from 'vitest'
import { isPublic, judgeUrl } from '../../../lambdas/http/outbound-url.ts'

const NOBODY = new Set<string>()

const HOSTILE = [
  // Not https.
  'http://hooks.example.com/x',
  'HTTP://hooks.example.com/x',
  'ftp://hooks.example.com/x',
  'file:///etc/passwd',
  'gopher://hooks.example.com/',
  'data:text/plain,hello',
  'javascript:alert(1)',
  'ws://hooks.example.com/',
  'blob:https://hooks.example.com/1',
  '//hooks.example.com/x',
  'hooks.example.com/x',
  '',
  'https://',
  'https:// hooks.example.com/',
  `https://hooks.example.com/${'x'.repeat(2048)}`,
  // Short as it is typed, too long as it is sent.
  `https://hooks.example.com/${'…'.repeat(600)}`,
  // Credentials, and hosts that hide behind them.
  'https://user@hooks.example.com/',
  'https://user:password@hooks.example.com/',
  'https://hooks.example.com@169.254.169.254/',
  'https://:@169.254.169.254/',
  'https://hooks.example.com%40127.0.0.1/',
  // This machine.
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://a.localhost/',
  'https://127.0.0.1/',
  'https://127.0.0.1:8443/',
  'https://127.1/',
  'https://127.0.0.1./',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://%31%32%37.0.0.1/',
  'https:\\\\127.0.0.1\\',
  'https:/127.0.0.1/',
  'https://0.0.0.0/',
  'https://0/',
  // Networks of one's own.
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://3232235777/',
  'https://0xc0a80101/',
  // Where clouds keep credentials.
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://169.254.170.2/v2/credentials',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://metadata.google.internal/',
  'https://ip-10-0-0-1.ec2.internal/',
  // IPv6, and IPv4 in its clothes.
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'https://[fc00::1]/',
  'https://[fd12:3456:789a::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[100::1]/',
  'https://[::ffff:0:127.0.0.1]/',
  // Reserved, and not for one receiver.
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  // Names that are looked up in one's own network.
  'https://intranet/',
  'https://printer.local/',
  'https://db.internal/',
  'https://wiki.corp/',
  'https://router.lan/',
  'https://nas.home.arpa/',
]

test('the table is as long as it is meant to be', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(60))

test.each(HOSTILE)('O22: %s is refused', (url) => {
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
