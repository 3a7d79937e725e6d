import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { originOf, quoteForShell } from '../../../lambdas/setup/script.ts'

/** What a shell makes of a word, ended by a mark so that no newline at its end is lost. */
const asShellReads = (word: string): string =>
  execFileSync('/bin/sh', ['-c', `printf '%s.' ${word}`], { encoding: 'utf8' }).slice(0, -1)

describe('a text quoted for a shell', () => {
  test.each(["it's", "''", "'", '$(id)', '`id`', '"', '\\', '\n', 'a\nb\n', '; exit 9 #', '*', '~', '!', '', '\\\'"'])(
    '%j is read as that very text',
    (text) => {
      expect(asShellReads(quoteForShell(text))).toBe(text)
    },
  )

  test('whatever it is', () => {
    const hostile = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '(', ')', '`', '\n', ';', 'a', ' ', '!', '\u00e4'),
    })
    fc.assert(
      fc.property(hostile, (text) => {
        expect(asShellReads(quoteForShell(text))).toBe(text)
      }),
      { numRuns: 100 },
    )
  })

  test('is refused where no shell can hold it', () => {
    expect(() => quoteForShell('a\0b')).toThrow(RangeError)
  })
})

test('an address is made of letters that mean nothing to any shell, or not at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority(), fc.domain(), fc.ipV6()), (host) => {
      expect(originOf(host) ?? 'https://a').toMatch(/^https?:\/\/[a-z0-9.\-:[\]]+$/)
    }),
  )
  fc.assert(
    fc.property(fc.domain(), (host) => {
      expect(originOf(host)).toBe(`https://${host.toLowerCase()}`)
    }),
  )
})
