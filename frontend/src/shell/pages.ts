import { ChartColumn, KeyRound, SquareTerminal } from 'lucide-react'

/** What the navigation, the palette and the shortcuts lead to. */
export const PAGES = [
  { to: '/connect', title: 'Connect', shortcut: 'c', icon: SquareTerminal },
  { to: '/dashboard', title: 'Dashboard', shortcut: 'd', icon: ChartColumn },
  { to: '/keys', title: 'Virtual keys', shortcut: 'k', icon: KeyRound },
] as const
