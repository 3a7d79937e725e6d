import { Check, Copy as CopyIcon } from 'lucide-react'
import { type RefObject, useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'

interface CopyProps {
  readonly text: string
  readonly label?: string
  readonly kind?: ButtonProps['kind']
  /** Where the text stands, to be selected where the clipboard is out of reach (a page without TLS). */
  readonly source?: RefObject<HTMLElement | null>
  readonly onCopied?: () => void
}

/** Long enough to be seen, short enough to copy again. */
const SHOWN_MS = 2_000

export function Copy({ text, label = 'Copy', kind = 'secondary', source, onCopied }: CopyProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      onCopied?.()
    } catch {
      if (source?.current) getSelection()?.selectAllChildren(source.current)
    }
  }
  return (
    <Button kind={kind} onPress={() => void copy()}>
      {copied ? <Check size={14} aria-hidden /> : <CopyIcon size={14} aria-hidden />}
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}
