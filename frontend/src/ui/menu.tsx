import type { ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components/Menu'
import styles from './menu.module.css'

export interface MenuAction {
  readonly id: string
  readonly text: string
  readonly icon?: ReactNode
  readonly danger?: boolean
  /** A rule above it. */
  readonly apart?: boolean
  readonly chosen?: boolean
  readonly run: () => void
}

interface MenuProps {
  readonly label: string
  readonly trigger: ReactNode
  readonly actions: readonly MenuAction[]
}

export function Menu({ label, trigger, actions }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover ?? ''} placement="bottom end">
        <AriaMenu
          className={styles.menu ?? ''}
          aria-label={label}
          onAction={(id) => actions.find((action) => action.id === id)?.run()}
        >
          {actions.flatMap((action) => [
            ...(action.apart === true ? [<Separator key={`${action.id} rule`} className={styles.rule ?? ''} />] : []),
            <MenuItem
              key={action.id}
              id={action.id}
              textValue={action.text}
              className={`${styles.item} ${action.danger === true ? styles.danger : ''}`}
            >
              {action.icon}
              {action.text}
              {action.chosen === true && <span className={styles.chosen}>chosen</span>}
            </MenuItem>,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
