/** What of the pages about endpoints the address holds. */

export interface EndpointsSearch {
  readonly q?: string
  /** A dialog with an address of its own. */
  readonly create?: true
}

export interface EndpointSearch {
  readonly edit?: true
  /** Come to see a test: it begins at once, and leaves the address so that a reload does not test again. */
  readonly test?: true
}

export interface RoutingSearch {
  readonly q?: string
  /** Whose routing is open. */
  readonly team?: string
}

/** A text of digits alone arrives as a number. */
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

export function readEndpointsSearch(search: Record<string, unknown>): EndpointsSearch {
  const q = text(search.q)
  return { ...(q !== undefined && { q }), ...(search.create === true && { create: true as const }) }
}

export const readEndpointSearch = (search: Record<string, unknown>): EndpointSearch => ({
  ...(search.edit === true && { edit: true as const }),
  ...(search.test === true && { test: true as const }),
})

export function readRoutingSearch(search: Record<string, unknown>): RoutingSearch {
  const [q, team] = [text(search.q), text(search.team)]
  return { ...(q !== undefined && { q }), ...(team !== undefined && { team }) }
}
