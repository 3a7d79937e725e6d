import { useNavigate, useSearch } from '@tanstack/react-router'
import { Terminal } from 'lucide-react'
import { useEffect } from 'react'
import { SignInForm } from '../../shell/sign-in-form.tsx'
import { Notice } from '../../ui/notice.tsx'
import styles from './sign-in-page.module.css'

export function SignInPage() {
  const { next, reason } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  useEffect(() => {
    document.title = `Sign in · ${location.host}`
  }, [])
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <span className={styles.mark} aria-hidden>
          <Terminal size={22} strokeWidth={2.25} />
        </span>
        <h1>Sign in to Gateway</h1>
        <p className="quiet">{location.host}</p>
        <div className={styles.card}>
          {(reason === 'expired' || next !== undefined) && (
            <Notice kind="info">Sign in to continue to the page you asked for.</Notice>
          )}
          <SignInForm onDone={() => void navigate({ to: next ?? '/', replace: true })} />
        </div>
      </div>
    </main>
  )
}
