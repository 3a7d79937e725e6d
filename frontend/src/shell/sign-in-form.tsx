import { useQueryClient } from '@tanstack/react-query'
import { Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { ApiError, call } from '../api/client.ts'
import { meQuery } from '../api/queries.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import styles from './sign-in-form.module.css'

/** A password goes as it was typed: blanks around it may be part of it. */
export function SignInForm({ onDone }: { readonly onDone: () => void }) {
  const queries = useQueryClient()
  const password = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const [error, setError] = useState<ApiError>()

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      await call('POST /auth/login', {
        body: { username: String(form.get('username')), password: String(form.get('password')) },
      })
      await queries.fetchQuery({ ...meQuery, staleTime: 0 })
      onDone()
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown : new ApiError('Something unexpected happened.', 0))
      password.current?.select()
    } finally {
      setBusy(false)
    }
  }
  const isWrong = error?.status === 401
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {error !== undefined && !isWrong && <Notice kind="danger">{explanationOf(error)}</Notice>}
      <Field label="Username" name="username" autoComplete="username" required autoFocus spellCheck={false} />
      <Field
        ref={password}
        label="Password"
        name="password"
        type={isShown ? 'text' : 'password'}
        autoComplete="current-password"
        required
        error={isWrong ? 'Wrong username or password. Check both and try again.' : undefined}
        {...(capsLock && { help: 'Caps lock is on.' })}
        onKeyUp={(event) => setCapsLock(event.getModifierState('CapsLock'))}
        end={
          <Button
            kind="ghost"
            icon
            aria-label={isShown ? 'Hide password' : 'Show password'}
            onPress={() => setShown(!isShown)}
          >
            {isShown ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
          </Button>
        }
      />
      <Button type="submit" kind="primary" wide isDisabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}

function explanationOf(error: ApiError): string {
  if (error.status === 429) return `Too many tries. Wait ${error.retryAfterSeconds ?? 60} seconds, then try again.`
  if (error.status === 0) return 'The gateway cannot be reached. Look at your connection and try again.'
  if (error.status >= 500)
    return 'The gateway cannot sign anybody in at the moment. It is usually back within a minute.'
  return error.message
}
