/**
 * Which changes of a stream reach a function, as the patterns of its mapping say. Of several patterns one has to match; of one, every
 * member that it names.
 * Source: AWS Lambda developer guide, "Control which events Lambda sends to your function", filter rule syntax.
 */
export type RecordFilter = (record: object) => boolean

type Matches = (value: unknown) => boolean

/**
 * @param patterns JSON. None: everything passes.
 * @throws Error naming a rule that is not known here: it must not pass everything in silence.
 */
export function recordFilterOf(patterns: readonly string[]): RecordFilter {
  const filters = patterns.map((pattern) => matcherOf(JSON.parse(pattern) as unknown))
  return (record) => filters.length === 0 || filters.some((matches) => matches(record))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function matcherOf(pattern: unknown): Matches {
  if (Array.isArray(pattern)) {
    const rules = pattern.map(ruleOf)
    return (value) => rules.some((matches) => matches(value))
  }
  if (!isObject(pattern)) throw unknownRule(pattern)
  const members = Object.entries(pattern).map(([name, inner]) => {
    // `$or` and its like are rules, not members.
    if (name.startsWith('$')) throw unknownRule(name)
    return { name, matches: matcherOf(inner) }
  })
  return (value) => members.every(({ name, matches }) => matches(isObject(value) ? value[name] : undefined))
}

function ruleOf(rule: unknown): Matches {
  if (typeof rule === 'string') return (value) => value === rule
  if (!isObject(rule) || Object.keys(rule).length !== 1) throw unknownRule(rule)
  const { prefix, exists } = rule
  if (typeof prefix === 'string') return (value) => typeof value === 'string' && value.startsWith(prefix)
  // Only of what has no members itself.
  if (typeof exists === 'boolean') return (value) => (value !== undefined && !isObject(value)) === exists
  throw unknownRule(rule)
}

const unknownRule = (rule: unknown): Error =>
  new Error(`the filter of a stream says ${JSON.stringify(rule)}, which is not known here`)
