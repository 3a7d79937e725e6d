/** A model keeps its colour over ranges and pages: the families have theirs, any other takes what is left. */

const FAMILIES: readonly (readonly [RegExp, number])[] = [
  [/sonnet/, 1],
  [/haiku/, 2],
  [/opus/, 3],
]
const OTHERS = [4, 5, 6, 7]

/** @param models All that are shown together. */
export function colourOf(model: string, models: readonly string[]): string {
  const family = FAMILIES.find(([name]) => name.test(model))
  // The first model of a family by name has the family's colour; a second version of it must not look the same.
  const kin = family === undefined ? [] : models.filter((one) => family[0].test(one)).sort()
  if (family !== undefined && (kin.length === 0 || kin[0] === model)) return `var(--chart-${family[1]})`
  const strangers = models
    .filter((one) => {
      const own = FAMILIES.find(([name]) => name.test(one))
      return own === undefined || models.filter((other) => own[0].test(other)).sort()[0] !== one
    })
    .sort()
  const slot = OTHERS[strangers.indexOf(model)]
  return slot === undefined ? 'var(--chart-other)' : `var(--chart-${slot})`
}
