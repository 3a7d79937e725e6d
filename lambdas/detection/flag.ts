/** Something about a request that somebody may want to look into: which rule, and how often. Never what was found. */
export interface Flag {
  readonly category: 'discovery' | 'correction' | 'secrets' | 'dangerous'
  readonly rule: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly count: number
}

/** One flag a rule, in the order of their first appearance. Rules are few, so the list is short whatever was sent. */
export function tally(found: readonly Flag[]): Flag[] {
  const flags = new Map<string, Flag>()
  for (const flag of found) {
    const key = `${flag.category}/${flag.rule}`
    const known = flags.get(key)
    flags.set(key, known === undefined ? flag : { ...known, count: known.count + flag.count })
  }
  return [...flags.values()]
}
