import { expect, test } from 'vitest'
import { bodyOf, SIZES } from '../../bench/workload.ts'

test.each(SIZES)('a body of $name has exactly so many bytes, and the shape of Claude Code’s', ({ bytes }) => {
  const body = bodyOf(bytes, 'some-model')
  expect(body.length).toBe(bytes)
  const { model, stream, system, tools, messages } = JSON.parse(body.toString())
  expect({ model, stream }).toEqual({ model: 'some-model', stream: true })
  expect(system.at(-1).cache_control).toEqual({ type: 'ephemeral' })
  expect(tools.length).toBeGreaterThan(0)
  const roles = messages.map(({ role }: { role: string }) => role)
  expect(roles).toEqual(roles.map((_: string, place: number) => (place % 2 === 0 ? 'user' : 'assistant')))
})

test('the same body comes out each time', () => expect(bodyOf(2_000, 'm').equals(bodyOf(2_000, 'm'))).toBe(true))
