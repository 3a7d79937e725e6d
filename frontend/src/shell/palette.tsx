/** Everything by its name: pages, acts, keys, and for administrators endpoints. It leads somewhere and changes nothing by itself. */
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { FlaskConical, KeyRound, type LucideIcon, Plus, Route, Search, Server } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Autocomplete } from 'react-aria-components/Autocomplete'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Input, SearchField } from 'react-aria-components/SearchField'
import { endpointsQuery } from '../api/endpoint-queries.ts'
import { keysQuery, meQuery } from '../api/queries.ts'
import { pagesFor } from './pages.ts'
import styles from './palette.module.css'

/** More than these are better looked for on the page itself. */
const MOST_SHOWN = 6

interface Entry {
  readonly id: string
  readonly text: string
  readonly icon: LucideIcon
  readonly hint?: ReactNode
  readonly go: () => Promise<void>
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [q, setQ] = useState('')
  const wanted = q.trim().toLowerCase()
  const fits = ({ text }: Entry): boolean => text.toLowerCase().includes(wanted)
  const entries = [...useActs().filter(fits), ...useKeys(wanted), ...useEndpoints(wanted).filter(fits)]
  const go = (id: string): void => {
    onClose()
    void entries.find((entry) => entry.id === id)?.go()
  }
  return (
    <ModalOverlay
      className={styles.scrim ?? ''}
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Modal className={styles.palette ?? ''}>
        <Dialog aria-label="Search or jump to a page" className={styles.dialog ?? ''}>
          <Autocomplete inputValue={q} onInputChange={setQ}>
            <SearchField aria-label="Search" autoFocus className={styles.search ?? ''}>
              <Search size={16} aria-hidden />
              <Input placeholder="Page, act, key or endpoint" />
            </SearchField>
            <ListBox
              aria-label="Found"
              className={styles.list ?? ''}
              onAction={(id) => go(String(id))}
              renderEmptyState={() => <p className={styles.none}>Nothing is called “{q}”.</p>}
            >
              {entries.map(({ id, text, icon: Icon, hint }) => (
                <ListBoxItem key={id} id={id} textValue={text} className={styles.item ?? ''}>
                  <Icon size={16} aria-hidden />
                  <span className="truncated" dir="auto">
                    {text}
                  </span>
                  {hint !== undefined && <span className={styles.hint}>{hint}</span>}
                </ListBoxItem>
              ))}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function useActs(): readonly Entry[] {
  const navigate = useNavigate()
  const { data: me } = useSuspenseQuery(meQuery)
  return [
    ...pagesFor(me).map(({ to, title, icon, shortcut }) => ({
      id: to,
      text: title,
      icon,
      hint: (
        <>
          <kbd>g</kbd> <kbd>{shortcut}</kbd>
        </>
      ),
      go: () => navigate({ to }),
    })),
    {
      id: 'create',
      text: 'Create virtual key',
      icon: Plus,
      go: () => navigate({ to: '/keys', search: { create: true } }),
    },
    ...(me.role === 'admin'
      ? [
          {
            id: 'add-endpoint',
            text: 'Add endpoint',
            icon: Plus,
            go: () => navigate({ to: '/endpoints', search: { create: true } }),
          },
          { id: 'routing', text: 'Routing by team', icon: Route, go: () => navigate({ to: '/endpoints/teams' }) },
        ]
      : []),
  ]
}

/** The gateway looks for them: by name, prefix and owner. */
function useKeys(wanted: string): readonly Entry[] {
  const navigate = useNavigate()
  const isAsked = wanted.length > 1
  const { data } = useQuery({ ...keysQuery({ q: wanted, limit: MOST_SHOWN }), enabled: isAsked })
  return (isAsked ? (data?.keys ?? []) : []).map((key) => ({
    id: key.id,
    text: key.name ?? key.prefix,
    icon: KeyRound,
    hint: key.owner_email ?? 'no owner',
    go: () => navigate({ to: '/keys', search: { q: key.name ?? key.prefix, status: 'all' } }),
  }))
}

/** Each twice: its page, and its test. */
function useEndpoints(wanted: string): readonly Entry[] {
  const navigate = useNavigate()
  const { data: me } = useSuspenseQuery(meQuery)
  const isAsked = me.role === 'admin' && wanted.length > 1
  const { data } = useQuery({ ...endpointsQuery, enabled: isAsked })
  return (isAsked ? (data?.endpoints ?? []) : []).flatMap(({ id, name, region }) => {
    const open = (search: { test?: true }) => navigate({ to: '/endpoints/$id', params: { id }, search })
    return [
      { id: `open ${id}`, text: name, icon: Server, hint: region, go: () => open({}) },
      { id: `test ${id}`, text: `Test ${name}`, icon: FlaskConical, hint: region, go: () => open({ test: true }) },
    ]
  })
}
