import { type RefObject, useEffect, useRef } from 'react'

/** Where something is to be put right, there the person goes on. Both are new each time something is found wrong, here or by the gateway. */
export function useWrongField(found: unknown, refused: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about when, not about what.
  useEffect(() => {
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
    field?.focus({ preventScroll: true })
    // What is wrong with it stands below it, and is to be seen too.
    field?.scrollIntoView({ block: 'center' })
  }, [found, refused])
  return form
}
