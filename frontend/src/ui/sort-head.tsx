import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'

interface SortHeadProps<S extends string> {
  readonly sort: S
  /** By which the list is sorted now. */
  readonly by: S
  readonly order: 'asc' | 'desc'
  /** In which order it is wanted at first: names from A, of everything else the most. */
  readonly first: 'asc' | 'desc'
  readonly onSort: (change: { readonly sort: S; readonly order: 'asc' | 'desc' }) => void
  readonly className?: string | undefined
  readonly children: ReactNode
}

/** The heading of a column that sorts its list. */
export function SortHead<S extends string>({ sort, by, order, first, onSort, className, children }: SortHeadProps<S>) {
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
