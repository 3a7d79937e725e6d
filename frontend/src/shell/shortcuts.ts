/** Keys that work wherever nobody is writing. */
import { useEffect, useRef } from 'react'

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** While a dialog is open, its page has no keys. */
const isCovered = (): boolean => document.querySelector('[role=dialog],[role=alertdialog],[role=menu]') !== null

/** @param keys One key, or two after each other: `g k`. */
export function useShortcut(keys: string, run: () => void): void {
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    const [first, second] = keys.split(' ')
    let waiting = false
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || isCovered()) return
      const hit = second === undefined ? event.key === first : waiting && event.key === second
      waiting = second !== undefined && event.key === first
      if (!hit) return
      event.preventDefault()
      latest.current()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [keys])
}

/** Works everywhere, also while writing. */
export function useCommandKey(key: string, run: () => void): void {
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== key) return
      event.preventDefault()
      latest.current()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [key])
}
