import type { ReactNode } from 'react'
import styles from './facts.module.css'

/** What is known of one thing: terms and their values. What is `undefined` is left out. */
export function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode] | undefined)[] }) {
  return (
    <dl className={styles.facts}>
      {of.map(
        (fact) =>
          fact !== undefined && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
