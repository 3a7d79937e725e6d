import { Eye, EyeOff } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from './button.tsx'
import styles from './command.module.css'
import { Copy } from './copy.tsx'

interface SecretProps {
  readonly text: string
  readonly label: string
  readonly onCopied?: () => void
}

/** Enough to tell one from the other, too little to be used. */
const HEAD = 13
const TAIL = 4

const masked = (text: string): string => `${text.slice(0, HEAD)}${'•'.repeat(12)}${text.slice(-TAIL)}`

/** Shown once: masked, so that it can be handed on in front of others. Whoever draws it holds it in its own state only. */
export function Secret({ text, label, onCopied }: SecretProps) {
  const [isShown, setShown] = useState(false)
  const source = useRef<HTMLElement>(null)
  return (
    <figure className={styles.command} aria-label={label}>
      <pre>
        <code ref={source}>{isShown ? text : masked(text)}</code>
      </pre>
      <div className={styles.acts}>
        <Button kind="ghost" onPress={() => setShown(!isShown)}>
          {isShown ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
          {isShown ? 'Hide' : 'Reveal'}
        </Button>
        <Copy text={text} source={source} kind="primary" {...(onCopied && { onCopied })} />
      </div>
    </figure>
  )
}
