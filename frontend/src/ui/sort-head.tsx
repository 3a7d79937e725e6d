import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'

type Direction = 'asc' | 'desc'

interface SortHeadProps<Sort extends string> {
  readonly sort: Sort
  readonly by: Sort
  readonly order: Direction
  readonly onSort: (change: { readonly sort: Sort; readonly order: Direction }) => void
  /** In which direction it begins: words at A, of everything else the most or the newest. */
  readonly first?: Direction
  readonly className?: string | undefined
  readonly children: ReactNode
}

/** The heading of a column that the list can be sorted by. */
export function SortHead<Sort extends string>({
  sort,
  by,
  order,
  onSort,
  first = 'desc',
  className,
  children,
}: SortHeadProps<Sort>) {
  const isChosen = sort === by
  const next = isChosen ? (order === 'asc' ? 'desc' : 'asc') : first
  const Arrow = order === 'asc' ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      className={className}
      {...(isChosen && { 'aria-sort': order === 'asc' ? 'ascending' : 'descending' })}
    >
      <button type="button" onClick={() => onSort({ sort, order: next })}>
        {isChosen && <Arrow size={12} aria-hidden />}
        {children}
      </button>
    </th>
  )
}
