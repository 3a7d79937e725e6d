import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import styles from './button.module.css'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  readonly kind?: 'primary' | 'secondary' | 'ghost' | 'danger'
  /** Only an icon is seen; say what it does in `aria-label`. */
  readonly icon?: boolean
  readonly wide?: boolean
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ kind = 'secondary', icon = false, wide = false, ...props }: ButtonProps) {
  const looks = [styles.button, styles[kind], icon && styles.icon, wide && styles.wide]
  return <AriaButton className={looks.filter(Boolean).join(' ')} {...props} />
}
