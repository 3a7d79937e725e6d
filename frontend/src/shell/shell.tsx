import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, LogOut, Menu as MenuIcon, Monitor, Moon, Search, Sun, Terminal } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components/Modal'
import { whenSignedOut } from '../api/client.ts'
import { healthQuery, meQuery } from '../api/queries.ts'
import { Button } from '../ui/button.tsx'
import { Menu } from '../ui/menu.tsx'
import { State } from '../ui/state.tsx'
import { type PAGES, pagesFor } from './pages.ts'
import styles from './shell.module.css'
import { useCommandKey, useShortcut } from './shortcuts.ts'
import { SignInAgain } from './sign-in-again.tsx'
import { leaveWithOthers, signOut } from './sign-out.ts'
import { chooseTheme, currentTheme, type Theme } from './theme.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))

export function Shell() {
  const [isFinding, setFinding] = useState(false)
  const [drawerIsOpen, setDrawer] = useState(false)
  const [isSignedOut, setSignedOut] = useState(false)
  const { data: me } = useSuspenseQuery(meQuery)
  useEffect(() => {
    whenSignedOut(() => setSignedOut(true))
    return leaveWithOthers()
  }, [])
  useCommandKey('k', () => setFinding(true))
  const find = (): void => {
    setDrawer(false)
    setFinding(true)
  }
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <aside className={styles.side}>
        <Sidebar onFind={find} />
      </aside>
      <div className={styles.bar}>
        <Button kind="ghost" icon aria-label="Open navigation" onPress={() => setDrawer(true)}>
          <MenuIcon size={18} aria-hidden />
        </Button>
      </div>
      <div className={styles.main}>
        <Offline />
        <Outlet />
      </div>
      {pagesFor(me).map(({ to, shortcut }) => (
        <PageKey key={to} to={to} shortcut={shortcut} />
      ))}
      <ModalOverlay className={styles.scrim ?? ''} isOpen={drawerIsOpen} onOpenChange={setDrawer} isDismissable>
        <Modal className={styles.drawer ?? ''}>
          <Dialog aria-label="Navigation" className={styles.side ?? ''}>
            <Sidebar onFind={find} onLeave={() => setDrawer(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
      <Suspense>{isFinding && <Palette onClose={() => setFinding(false)} />}</Suspense>
      {isSignedOut && <SignInAgain onDone={() => setSignedOut(false)} />}
    </div>
  )
}

function PageKey({ to, shortcut }: { readonly to: (typeof PAGES)[number]['to']; readonly shortcut: string }) {
  const navigate = useNavigate()
  useShortcut(`g ${shortcut}`, () => void navigate({ to }))
  return null
}

function Offline() {
  const [offline, setOffline] = useState(!navigator.onLine)
  useEffect(() => {
    const look = (): void => setOffline(!navigator.onLine)
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
    return () => {
      window.removeEventListener('online', look)
      window.removeEventListener('offline', look)
    }
  }, [])
  if (!offline) return null
  return (
    <div className={styles.offline} role="status">
      This browser is offline. What you see was read before; nothing can be changed until it is back.
    </div>
  )
}

const Mark = () => (
  <span className={styles.mark} aria-hidden>
    <Terminal size={16} strokeWidth={2.25} />
  </span>
)

interface SidebarProps {
  readonly onFind: () => void
  readonly onLeave?: () => void
}

function Sidebar({ onFind, onLeave }: SidebarProps) {
  return (
    <>
      <div className={styles.brand}>
        <Mark />
        <div className={styles.worded}>
          <b>Gateway</b>
          <span className="truncated">{location.host}</span>
        </div>
      </div>
      <AriaButton className={styles.find ?? ''} onPress={onFind}>
        <Search size={14} aria-hidden />
        <span className={styles.worded}>Search or jump to…</span>
        <kbd className={styles.hint} aria-hidden>
          {navigator.userAgent.includes('Mac') ? '⌘K' : 'Ctrl K'}
        </kbd>
      </AriaButton>
      <nav aria-label="Main" className={styles.nav}>
        {GROUPS.map((group) => (
          <Group key={group} group={group} {...(onLeave && { onLeave })} />
        ))}
      </nav>
      <div className={styles.foot}>
        <HealthLight />
        <UserMenu />
      </div>
    </>
  )
}

const GROUPS = ['Own', 'Gateway'] as const

interface GroupProps {
  readonly group: (typeof GROUPS)[number]
  readonly onLeave?: () => void
}

function Group({ group, onLeave }: GroupProps) {
  const { data: me } = useSuspenseQuery(meQuery)
  const pages = pagesFor(me).filter((page) => page.group === group)
  if (pages.length === 0) return null
  return (
    <>
      {group !== 'Own' && <h2 className={styles.group}>{group}</h2>}
      <ul>
        {pages.map(({ to, title, icon: Icon }) => (
          <li key={to}>
            <Link to={to} title={title} {...(onLeave && { onClick: onLeave })}>
              <Icon size={16} strokeWidth={1.75} aria-hidden />
              <span className={styles.worded}>{title}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}

function HealthLight() {
  const { data, error } = useQuery(healthQuery)
  const [kind, word] =
    error !== null
      ? (['danger', 'Not reachable'] as const)
      : data === undefined
        ? (['off', 'Looking…'] as const)
        : data.status === 'ok'
          ? (['ok', 'Healthy'] as const)
          : (['warn', 'Degraded'] as const)
  return (
    <div className={styles.health} title={`Health: ${word}`}>
      <State kind={kind}>{word}</State>
      {data !== undefined && <span className={styles.version}>v{data.version}</span>}
    </div>
  )
}

const THEMES = [
  { id: 'system', text: 'Theme of the system', icon: <Monitor size={15} aria-hidden /> },
  { id: 'light', text: 'Light theme', icon: <Sun size={15} aria-hidden /> },
  { id: 'dark', text: 'Dark theme', icon: <Moon size={15} aria-hidden /> },
] as const satisfies readonly { id: Theme; text: string; icon: unknown }[]

function UserMenu() {
  const { data: me } = useSuspenseQuery(meQuery)
  const [theme, setTheme] = useState(currentTheme)
  const name = me.display_name ?? me.email
  return (
    <Menu
      label="Account"
      trigger={
        <AriaButton className={styles.user ?? ''}>
          <span className="unseen">Account of</span>
          <span className={styles.initials} aria-hidden>
            {initialsOf(name)}
          </span>
          <span className={styles.person}>
            <span className="truncated" dir="auto">
              {name}
            </span>
            <span className="truncated quiet">
              {me.role === 'admin' ? 'Admin' : 'Member'} · {me.idp}
            </span>
          </span>
          <ChevronsUpDown size={14} aria-hidden className={styles.worded} />
        </AriaButton>
      }
      actions={[
        ...THEMES.map((one) => ({
          ...one,
          chosen: one.id === theme,
          run: () => {
            chooseTheme(one.id)
            setTheme(one.id)
          },
        })),
        { id: 'out', text: 'Sign out', icon: <LogOut size={15} aria-hidden />, apart: true, run: () => void signOut() },
      ]}
    />
  )
}

const initialsOf = (name: string): string =>
  name
    .split(/[\s.@_-]+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
