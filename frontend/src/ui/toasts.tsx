import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { createContext, type ReactNode, use, useCallback, useState } from 'react'
import { Button } from './button.tsx'
import styles from './toasts.module.css'

interface Toast {
  readonly id: number
  readonly kind: 'ok' | 'danger'
  readonly title: string
  readonly text?: string | undefined
}

type Tell = (kind: Toast['kind'], title: string, text?: string) => void

const Context = createContext<Tell>(() => {})
export const useToast = (): Tell => use(Context)

/** Long enough to read a line; what failed stays until it is put away. */
const SUCCESS_MS = 4_000
/** More than these nobody reads; the oldest makes room. */
const MOST = 3

let last = 0

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const tell = useCallback<Tell>(
    (kind, title, text) => {
      last += 1
      const id = last
      setToasts((all) =>
        [...all.filter((one) => one.title !== title || one.text !== text), { id, kind, title, text }].slice(-MOST),
      )
      if (kind === 'ok') setTimeout(() => drop(id), SUCCESS_MS)
    },
    [drop],
  )
  return (
    <Context value={tell}>
      {children}
      <div className={styles.toasts}>
        {toasts.map(({ id, kind, title, text }) => (
          <div key={id} className={styles.toast} role={kind === 'ok' ? 'status' : 'alert'}>
            {kind === 'ok' ? (
              <CircleCheck className={styles.ok} size={16} aria-hidden />
            ) : (
              <CircleAlert className={styles.danger} size={16} aria-hidden />
            )}
            <div>
              <strong>{title}</strong>
              {text !== undefined && <p>{text}</p>}
            </div>
            <Button kind="ghost" icon aria-label="Put away" onPress={() => drop(id)}>
              <X size={14} aria-hidden />
            </Button>
          </div>
        ))}
      </div>
    </Context>
  )
}
