/** Lists cut into pages. A page goes on from a place, not from a number: a row that came or went in the meantime shifts none. */
import { Fault } from '../platform/fault.ts'
import { readCursor, signCursor } from './cursor.ts'

/** What a row is sorted by, and its id, so that no two rows are equal. */
export type Place = readonly [string | number, string]

export interface Ordered<Row> {
  readonly placeOf: (row: Row) => Place
  readonly descending: boolean
}

function compare(one: Place, other: Place, descending: boolean): number {
  const [a, b] = one[0] === other[0] ? [one[1], other[1]] : [one[0], other[0]]
  const upwards = a < b ? -1 : a > b ? 1 : 0
  return descending ? -upwards : upwards
}

export const sorted = <Row>(rows: readonly Row[], { placeOf, descending }: Ordered<Row>): Row[] =>
  rows
    .map((row) => ({ row, place: placeOf(row) }))
    .sort((one, other) => compare(one.place, other.place, descending))
    .map(({ row }) => row)

export interface Paging {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Whose list, which query, and what its cursors are signed with. */
export interface CursorScope {
  readonly secret: Uint8Array
  readonly scope: string
}

/**
 * @param rows In their order.
 * @throws Fault `invalid_request` for a cursor of another list
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { placeOf, descending }: Ordered<Row>,
  { limit, cursor }: Paging,
  { secret, scope }: CursorScope,
): { readonly rows: Row[]; readonly nextCursor: string | null } {
  const after = cursor === undefined ? undefined : placeIn(secret, scope, cursor)
  const rest = after === undefined ? rows : rows.filter((row) => compare(placeOf(row), after, descending) > 0)
  const page = rest.slice(0, limit ?? rest.length)
  const end = page.at(-1)
  const goesOn = end !== undefined && page.length < rest.length
  return { rows: page, nextCursor: goesOn ? signCursor(secret, scope, JSON.stringify(placeOf(end))) : null }
}

function placeIn(secret: Uint8Array, scope: string, cursor: string): Place {
  const place = readCursor(secret, scope, cursor)
  if (place === undefined) {
    throw new Fault('invalid_request', 'cursor: belongs to another list or query; ask for the first page again')
  }
  return JSON.parse(place) as Place
}
