import {
  Bell,
  ChartColumn,
  Gauge,
  Globe,
  KeyRound,
  Server,
  SquareTerminal,
  SquareUserRound,
  Tag,
  Users,
} from 'lucide-react'
import type { Me } from '../api/queries.ts'

/** What the navigation, the palette and the shortcuts lead to; under `Gateway`, what administrators alone may see. */
export const PAGES = [
  { to: '/connect', title: 'Connect', shortcut: 'c', icon: SquareTerminal, group: 'Own' },
  { to: '/dashboard', title: 'Dashboard', shortcut: 'd', icon: ChartColumn, group: 'Own' },
  { to: '/keys', title: 'Virtual keys', shortcut: 'k', icon: KeyRound, group: 'Own' },
  { to: '/web-search', title: 'Web search', shortcut: 'w', icon: Globe, group: 'Own' },
  { to: '/teams', title: 'Teams', shortcut: 't', icon: Users, group: 'Gateway' },
  { to: '/members', title: 'Members', shortcut: 'm', icon: SquareUserRound, group: 'Gateway' },
  { to: '/budgets', title: 'Budgets', shortcut: 'b', icon: Gauge, group: 'Gateway' },
  { to: '/endpoints', title: 'Endpoints', shortcut: 'e', icon: Server, group: 'Gateway' },
  { to: '/pricing', title: 'Pricing', shortcut: 'p', icon: Tag, group: 'Gateway' },
  { to: '/notifications', title: 'Notifications', shortcut: 'n', icon: Bell, group: 'Gateway' },
] as const

/** Who can switch the web search on is led to it also while it is off. */
export const pagesFor = ({ role, features }: Pick<Me, 'role' | 'features'>) =>
  PAGES.filter(
    ({ group, to }) =>
      role === 'admin' || (group === 'Own' && (to !== '/web-search' || features.websearch_mode !== 'disabled')),
  )
