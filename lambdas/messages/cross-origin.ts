/** Which pages may call the data plane from a browser. */

/** Anthropic's own pages; the add-ins for Office run on `pivot.claude.ai`. */
const CLAUDE = ['https://claude.ai', 'https://*.claude.ai']

/** @param more Origins, or patterns such as `https://*.example.com`. */
export const isAllowedOrigin = (origin: string, more: readonly string[]): boolean =>
  [...CLAUDE, ...more].some((pattern) => matches(origin, pattern))

/** A star stands for one or more labels of a host name, never for a port or for the end of another name. */
function matches(origin: string, pattern: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return origin === pattern
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  if (!origin.startsWith(before) || !origin.endsWith(after)) return false
  return /^[a-z0-9-][a-z0-9.-]*$/.test(origin.slice(before.length, -after.length))
}
