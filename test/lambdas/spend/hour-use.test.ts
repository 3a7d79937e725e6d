import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HourItem, packOf, toolsIn, usesIn } from '../../../lambdas/spend/hour-use.ts'

const COLUMNS = {
  requests: 'requests',
  failed: 'errors',
  unpriced: 'unpriced',
  unpricedTokens: 'unpriced_tokens',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cost: 'cost_nano',
  saved: 'saved_nano',
  durationMs: 'duration_ms',
  toolCalls: 'tool_calls',
} as const

const name = fc.constantFrom('a', 'b', 'c', 'key:d')
const part = fc.record({
  hour: fc.constantFrom('2026-11-24T12', '2026-11-24T13'),
  identity: name,
  model: name,
  endpoint: name,
  team: fc.option(name),
})
const attribute = fc.constantFrom(...Object.values(COLUMNS), 'cache_write_5m_tokens', 'h0', 'h37', 'h144', 'later')
const tool = fc.constantFrom('t#Bash', 't#mcp__a__b', 't#__proto__')
const items = (names: fc.Arbitrary<string>): fc.Arbitrary<HourItem[]> =>
  fc.array(
    fc.record({
      part,
      counts: fc
        .array(fc.tuple(names, fc.integer({ min: 1, max: 2 ** 50 })))
        .map((pairs): ReadonlyMap<string, number> => new Map(pairs)),
    }),
  )

const kept = (some: HourItem[]) => JSON.parse(JSON.stringify(packOf(some)))

test('hours come out of a pack as they were put in', () => {
  fc.assert(
    fc.property(items(attribute), (some) => {
      const uses = usesIn(kept(some))
      expect(uses).toHaveLength(some.length)
      for (const [place, { part: given, counts }] of some.entries()) {
        const use = uses[place]
        expect(use).toMatchObject(given)
        for (const [member, column] of Object.entries(COLUMNS))
          expect([member, use?.[member as keyof typeof COLUMNS]]).toEqual([member, counts.get(column) ?? 0])
        expect(use?.cacheWriteTokens).toBe(counts.get('cache_write_5m_tokens') ?? 0)
        expect(new Map(use?.durations)).toEqual(
          new Map([...counts].flatMap(([key, count]) => (/^h\d/.test(key) ? [[Number(key.slice(1)), count]] : []))),
        )
      }
    }),
  )
})

test('so do tools, whatever they are called', () => {
  fc.assert(
    fc.property(items(tool), (some) => {
      expect(toolsIn(kept(some))).toEqual(
        some.map(({ part: given, counts }) => ({
          ...given,
          tools: [...counts].map(([key, count]) => [key.slice(2), count]),
        })),
      )
    }),
  )
})
