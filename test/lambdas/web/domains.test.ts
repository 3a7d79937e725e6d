import { describe, expect, test } from 'vitest'
import { domainProblem, passes, siteOperators } from '../../../lambdas/web/domains.ts'

const only = (...allowedDomains: readonly string[]) => ({ allowedDomains, blockedDomains: null })
const not = (...blockedDomains: readonly string[]) => ({ allowedDomains: null, blockedDomains })
const free = { allowedDomains: null, blockedDomains: null }

describe('WS14: a domain and what lies in it', () => {
  test.each([
    ['example.com', 'https://example.com/'],
    ['example.com', 'https://docs.example.com/a/b?c#d'],
    ['example.com', 'http://www.example.com:8080/'],
    ['example.com', 'https://EXAMPLE.com./x'],
    ['EXAMPLE.com', 'https://example.com/'],
    ['example.com.', 'https://example.com/'],
    ['www.example.com', 'https://example.com/'],
    ['www.example.com', 'https://www.example.com/'],
    ['docs.example.com', 'https://docs.example.com/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['xn--bcher-kva.example', 'https://bücher.example/'],
    ['https://example.com', 'https://example.com/'],
    ['example.com/blog', 'https://example.com/blog'],
    ['example.com/blog', 'https://example.com/blog/post-1'],
    ['example.com/blog/', 'https://example.com/blog/post-1'],
    ['example.com/blog', 'https://docs.example.com/blog?page=2'],
    ['example.com/blog', 'https://example.com/%62log/x'],
    ['example.com/*', 'https://example.com/anything/at/all'],
    ['example.com/*/articles', 'https://example.com/en/articles/1'],
    ['example.com/*/articles', 'https://example.com/en/gb/articles'],
  ])('%s: %s', (domain, url) => {
    expect(passes(url, only(domain))).toBe(true)
    expect(passes(url, not(domain))).toBe(false)
  })

  test.each([
    ['example.com', 'https://example.com.evil.test/'],
    ['example.com', 'https://notexample.com/'],
    ['example.com', 'https://evil.test/example.com'],
    ['example.com', 'https://evil.test/?example.com'],
    ['example.com', 'https://example.com@evil.test/'],
    ['docs.example.com', 'https://example.com/'],
    ['docs.example.com', 'https://api.example.com/'],
    ['www.example.com', 'https://docs.example.com/'],
    ['amazon.com', 'https://аmazon.com/'],
    ['example.com/blog', 'https://example.com/'],
    ['example.com/blog', 'https://example.com/blogs'],
    ['example.com/blog', 'https://example.com/x/../shop'],
    ['example.com/*/articles', 'https://example.com/articles'],
    ['example.com/*/articles', 'https://example.com/en/articlesque'],
    ['', 'https://example.com/'],
    ['*', 'https://example.com/'],
  ])('%s: not %s', (domain, url) => {
    expect(passes(url, only(domain))).toBe(false)
    expect(passes(url, not(domain))).toBe(true)
  })

  test('without a rule everything passes but what is no address; an empty list allows nothing', () => {
    expect(passes('https://example.com/', free)).toBe(true)
    expect(passes('example.com', free)).toBe(false)
    expect(passes('https://example.com/', only())).toBe(false)
    expect(passes('https://example.com/', not())).toBe(true)
  })
})

describe('entries that a request may hold', () => {
  test.each([
    'example.com',
    'docs.example.co.uk',
    'example.com/blog',
    'example.com/*',
    'example.com/*/articles',
    'a_b.example.com',
    'xn--bcher-kva.example',
    'example.com.',
  ])('%s', (domain) => expect(domainProblem(domain)).toBeNull())

  test.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['https://example.com', 'scheme'],
    ['HTTP://example.com', 'scheme'],
    ['*.example.com', 'wildcard'],
    ['ex*.com', 'wildcard'],
    ['example.com/*/news/*', 'one wildcard'],
    ['аmazon.com', 'ASCII'],
    ['bücher.example', 'ASCII'],
    ['example com', 'spaces'],
    ['example.com\u0000', 'control'],
    ['example', 'name of a domain'],
    ['localhost', 'name of a domain'],
    ['example.com:8443', 'name of a domain'],
    ['127.0.0.1', 'name of a domain'],
    ['10.0.0.11', 'name of a domain'],
    ['[::1]', 'name of a domain'],
    ['user@example.com', 'name of a domain'],
    ['-a.example.com', 'name of a domain'],
    ['.example.com', 'name of a domain'],
    ['example..com', 'name of a domain'],
    ['example.com/a?b=c', 'query'],
    ['example.com/#x', 'query'],
    [`${'a'.repeat(600)}.com`, 'longer'],
  ])('%j is none', (domain, why) => expect(domainProblem(domain)).toContain(why))
})

describe('the words of engines', () => {
  test.each([
    ['nothing', free, ''],
    ['one', only('example.com/blog'), 'site:example.com'],
    ['some', only('a.com', 'b.com', 'a.com'), '(site:a.com OR site:b.com)'],
    ['too many', only('a.com', 'b.com', 'c.com', 'd.com', 'e.com', 'f.com'), ''],
    ['blocked', not('a.com', 'https://b.com'), '-site:a.com -site:b.com'],
    ['a part of a site that is blocked', not('a.com/blog', 'b.com'), '-site:b.com'],
  ])('%s', (_, rule, operators) => expect(siteOperators(rule)).toBe(operators))
})
