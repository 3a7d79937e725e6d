import { Bell, ChartColumn, KeyRound, Server, SquareTerminal } from 'lucide-react'
import type { Me } from '../api/queries.ts'

/** What the navigation, the palette and the shortcuts lead to; under `Gateway`, what administrators alone may see. */
export const PAGES = [
  { to: '/connect', title: 'Connect', shortcut: 'c', icon: SquareTerminal, group: 'Own' },
  { to: '/dashboard', title: 'Dashboard', shortcut: 'd', icon: ChartColumn, group: 'Own' },
  { to: '/keys', title: 'Virtual keys', shortcut: 'k', icon: KeyRound, group: 'Own' },
  { to: '/endpoints', title: 'Endpoints', shortcut: 'e', icon: Server, group: 'Gateway' },
  { to: '/notifications', title: 'Notifications', shortcut: 'n', icon: Bell, group: 'Gateway' },
] as const

export const pagesFor = ({ role }: Pick<Me, 'role'>) => PAGES.filter(({ group }) => role === 'admin' || group === 'Own')
