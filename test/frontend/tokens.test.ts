/** The colours of the portal, held to WCAG 2.2: 1.4.3 (text, 4.5:1) and 1.4.11 (edges, marks and focus, 3:1), in both themes. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('../../frontend/src/style/tokens.css', import.meta.url), 'utf8')

const pairs = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
)

function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'hover-raised', 'selected', 'code-ground']
const STATES = ['ok', 'warn', 'danger', 'info']

const TEXTS: readonly (readonly [text: string, grounds: readonly string[]])[] = [
  ...['text', 'text-2', 'text-3', 'accent-text'].map((text) => [text, GROUNDS] as const),
  ...STATES.map((state) => [`${state}-text`, [`${state}-soft`, 'canvas', 'surface', 'raised']] as const),
  ['on-accent', ['accent', 'accent-hover']],
  ['on-danger', ['danger-solid', 'danger-solid-hover']],
  ['accent-text', ['accent-soft']],
  ['text', ['accent-soft', 'neutral-soft']],
  ['text-2', ['accent-soft', 'neutral-soft']],
  ['chart-axis', ['surface']],
]

const MARKS: readonly (readonly [mark: string, grounds: readonly string[]])[] = [
  ...[...STATES, 'neutral'].map((state) => [`${state}-mark`, GROUNDS] as const),
  ['edge', GROUNDS],
  ['edge-hover', GROUNDS],
  ['focus', GROUNDS],
  ['accent', ['canvas', 'surface', 'raised', 'sunken', 'accent-soft']],
  ...['1', '2', '3', '4', '5', '6', '7', 'other'].map((place) => [`chart-${place}`, ['surface']] as const),
  ['bar', ['surface', 'sunken']],
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const colour = (name: string): string => {
    const found = pairs.get(name)
    if (found === undefined) throw new Error(`there is no colour --${name}`)
    return found[theme]
  }
  const tooLow = (list: typeof TEXTS, least: number): string[] =>
    list.flatMap(([front, grounds]) =>
      grounds.flatMap((ground) => {
        const found = contrast(colour(front), colour(ground))
        return found < least ? [`--${front} on --${ground}: ${found.toFixed(2)}`] : []
      }),
    )

  test('text can be read on every ground it stands on', () => {
    expect(tooLow(TEXTS, 4.5)).toEqual([])
  })
  test('edges, marks, focus and bars can be seen on every ground', () => {
    expect(tooLow(MARKS, 3)).toEqual([])
  })
})

test('colours come from the tokens only', () => {
  const own = readFileSync(new URL('../../frontend/src/style/base.css', import.meta.url), 'utf8')
  expect(own).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|hsl\(/)
})
