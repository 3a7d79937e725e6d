import { Search as SearchIcon, X } from 'lucide-react'
import { type Ref, useEffect, useRef, useState } from 'react'
import { Button } from './button.tsx'
import styles from './search.module.css'

interface SearchProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly ref?: Ref<HTMLInputElement>
}

/** A word is typed to its end before anybody is asked. */
const PAUSE_MS = 250

export function Search({ label, value, onChange, ref }: SearchProps) {
  const [typed, setTyped] = useState(value)
  const told = useRef(onChange)
  told.current = onChange
  // The address changed by itself: back, a link, a reset.
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => told.current(typed), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <search className={styles.search}>
      <SearchIcon size={14} aria-hidden />
      <input
        ref={ref}
        type="text"
        inputMode="search"
        aria-label={label}
        placeholder={label}
        maxLength={100}
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(typed)
          if (event.key === 'Escape') onChange('')
        }}
      />
      {typed !== '' && (
        <Button kind="ghost" icon aria-label="Clear search" onPress={() => onChange('')}>
          <X size={14} aria-hidden />
        </Button>
      )}
    </search>
  )
}
