import { Link } from '@tanstack/react-router'
import { Braces, Code, Container, SquareTerminal, Workflow } from 'lucide-react'
import type { Target } from './connect-search.ts'
import styles from './targets.module.css'

const TARGETS = [
  { target: 'terminal', icon: SquareTerminal, title: 'Terminal', text: 'Claude Code on your machine' },
  { target: 'editor', icon: Code, title: 'VS Code, JetBrains', text: 'Same settings as the terminal' },
  { target: 'ci', icon: Workflow, title: 'CI or a script', text: 'GitHub, GitLab, shell' },
  { target: 'container', icon: Container, title: 'Container', text: 'Docker, dev containers' },
  { target: 'client', icon: Braces, title: 'Another client', text: 'Any Anthropic Messages client' },
] as const satisfies readonly { readonly target: Target; [more: string]: unknown }[]

/** What is to be connected; each has its own address. */
export function Targets() {
  return (
    <nav aria-label="What to connect">
      <ul className={styles.targets}>
        {TARGETS.map(({ target: one, icon: Icon, title, text }) => (
          <li key={one}>
            <Link
              to="/connect"
              search={({ target: _target, ...before }) => (one === 'terminal' ? before : { ...before, target: one })}
              replace
              resetScroll={false}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              <Icon size={16} strokeWidth={1.75} aria-hidden />
              <b>{title}</b>
              <span>{text}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
