import { useRef } from 'react'
import styles from './command.module.css'
import { Copy } from './copy.tsx'

interface CommandProps {
  readonly text: string
  /** `$` or `PS>`; it is not copied. */
  readonly prompt?: string
  readonly label: string
  readonly primary?: boolean
  readonly onCopied?: () => void
}

/** What is to be pasted somewhere else. */
export function Command({ text, prompt, label, primary = false, onCopied }: CommandProps) {
  const source = useRef<HTMLElement>(null)
  return (
    <figure className={styles.command} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0}>
        {prompt !== undefined && (
          <span className={styles.prompt} aria-hidden>
            {prompt}{' '}
          </span>
        )}
        <code ref={source}>{text}</code>
      </pre>
      <Copy text={text} source={source} kind={primary ? 'primary' : 'secondary'} {...(onCopied && { onCopied })} />
    </figure>
  )
}
