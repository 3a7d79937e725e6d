import { useEffect, useState } from 'react'

/** What is shown in minutes need not be looked at more often. */
const TICK_MS = 5_000

/** The time, for texts such as "2 min ago" that age while one looks at them. */
export function useNow(tickMs = TICK_MS): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [tickMs])
  return now
}
