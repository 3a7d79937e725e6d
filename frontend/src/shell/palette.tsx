/** Everything by its name: pages, acts, and the keys that somebody has. It leads somewhere and changes nothing by itself. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { KeyRound, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete } from 'react-aria-components/Autocomplete'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Input, SearchField } from 'react-aria-components/SearchField'
import { keysQuery } from '../api/queries.ts'
import { PAGES } from './pages.ts'
import styles from './palette.module.css'

/** More than these are better looked for on the page itself. */
const KEYS_SHOWN = 6

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [q, setQ] = useState('')
  const wanted = q.trim().toLowerCase()
  const { data } = useQuery({ ...keysQuery({ q: wanted, limit: KEYS_SHOWN }), enabled: wanted.length > 1 })
  const fits = (text: string): boolean => text.toLowerCase().includes(wanted)
  const goes = {
    ...Object.fromEntries(PAGES.map(({ to }) => [to, () => navigate({ to })])),
    create: () => navigate({ to: '/keys', search: { create: true } }),
    ...Object.fromEntries(
      (wanted.length > 1 ? (data?.keys ?? []) : []).map((key) => [
        key.id,
        () => navigate({ to: '/keys', search: { q: key.name ?? key.prefix, status: 'all' } }),
      ]),
    ),
  } as Record<string, () => Promise<void>>
  const go = (id: string): void => {
    onClose()
    void goes[id]?.()
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
              <Input placeholder="Page, act or key" />
            </SearchField>
            <ListBox
              aria-label="Found"
              className={styles.list ?? ''}
              onAction={(id) => go(String(id))}
              renderEmptyState={() => <p className={styles.none}>Nothing is called “{q}”.</p>}
            >
              {PAGES.filter(({ title }) => fits(title)).map(({ to, title, icon: Icon, shortcut }) => (
                <ListBoxItem key={to} id={to} textValue={title} className={styles.item ?? ''}>
                  <Icon size={16} aria-hidden />
                  {title}
                  <span className={styles.hint}>
                    <kbd>g</kbd> <kbd>{shortcut}</kbd>
                  </span>
                </ListBoxItem>
              ))}
              {fits('Create virtual key') && (
                <ListBoxItem id="create" textValue="Create virtual key" className={styles.item ?? ''}>
                  <Plus size={16} aria-hidden />
                  Create virtual key
                </ListBoxItem>
              )}
              {(wanted.length > 1 ? (data?.keys ?? []) : []).map((key) => (
                <ListBoxItem key={key.id} id={key.id} textValue={key.name ?? key.prefix} className={styles.item ?? ''}>
                  <KeyRound size={16} aria-hidden />
                  <span className="truncated" dir="auto">
                    {key.name ?? key.prefix}
                  </span>
                  <span className={styles.hint}>{key.owner_email ?? 'no owner'}</span>
                </ListBoxItem>
              ))}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
