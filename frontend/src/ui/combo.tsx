import { ChevronDown, CircleAlert } from 'lucide-react'
import { useId } from 'react'
import { Button } from 'react-aria-components/Button'
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from 'react-aria-components/ComboBox'
import styles from './field.module.css'
import menu from './menu.module.css'

interface ComboProps {
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
  readonly help?: string
  readonly error?: string | undefined
  readonly placeholder?: string
  readonly onChange: (value: string) => void
}

/** One of many by typing a part of it; what is not in the list may be written all the same. */
export function Combo({ label, value, options, help, error, placeholder, onChange }: ComboProps) {
  const said = error ?? help
  const id = useId()
  return (
    <ComboBox
      className={styles.field ?? ''}
      allowsCustomValue
      inputValue={value}
      onInputChange={onChange}
      defaultItems={options.map((text) => ({ id: text }))}
      isInvalid={error !== undefined}
    >
      <Label>{label}</Label>
      <div className={styles.box} data-invalid={error !== undefined}>
        <Input
          spellCheck={false}
          autoComplete="off"
          {...(placeholder !== undefined && { placeholder })}
          {...(said !== undefined && { 'aria-describedby': `${id}-said` })}
        />
        <Button className={styles.open ?? ''}>
          <ChevronDown size={14} aria-hidden />
        </Button>
      </div>
      {said !== undefined && (
        <p id={`${id}-said`} className={error === undefined ? styles.help : styles.error}>
          {error !== undefined && <CircleAlert size={14} aria-hidden />}
          <span>{said}</span>
        </p>
      )}
      <Popover className={`${menu.popover} ${styles.options}`}>
        <ListBox<{ id: string }> className={styles.list ?? ''}>
          {(item) => (
            <ListBoxItem id={item.id} textValue={item.id} className={menu.item ?? ''}>
              <span className="truncated">{item.id}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
