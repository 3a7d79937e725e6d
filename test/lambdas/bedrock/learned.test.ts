import { expect, test } from 'vitest'
import { createLearnedMemory } from '../../../lambdas/bedrock/learned.ts'
import { addMs, instant } from '../../../lambdas/platform/instant.ts'

const START = instant(Date.UTC(2026, 10, 27))
const probe = (flag: string) => ({ endpointId: 'e', model: 'claude-opus-5-5', flag })

test('a flag is asked for once in a while, however long an environment lives', () => {
  const memory = createLearnedMemory()
  const asked = (minutes: number): boolean => memory.noteProbe(probe('new-2026-01-01'), addMs(START, minutes * 60_000))
  expect([0, 1, 59, 60, 61, 24 * 60].map(asked)).toEqual([true, false, false, true, false, true])
})

test('flags that callers make up keep others out for an hour, and not for ever', () => {
  const memory = createLearnedMemory()
  for (let made = 0; made < 1_000; made++) memory.noteProbe(probe(`made-up-${made}`), START)
  expect(memory.noteProbe(probe('new-2026-01-01'), START)).toBe(false)
  expect(memory.noteProbe(probe('new-2026-01-01'), addMs(START, 3_600_000))).toBe(true)
})
