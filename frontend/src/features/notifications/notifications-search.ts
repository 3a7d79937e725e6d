/** What of the page about notifications the address holds. */

/** As somebody asks for them; `waiting` are those that nobody has told yet. */
export const FILTERS = ['all', 'pending', 'delivered', 'dead', 'dropped'] as const
export type Filter = (typeof FILTERS)[number]

export interface NotificationsSearch {
  readonly state?: Filter
  readonly cursor?: string
  /** Dialogs with an address of their own: the form of the draft, one delivery. */
  readonly draft?: true
  readonly delivery?: string
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** What is not understood counts as not said; what is the default is not written. */
export function readNotificationsSearch(search: Record<string, unknown>): NotificationsSearch {
  const state = FILTERS.find((one) => one === search.state)
  const [cursor, delivery] = [text(search.cursor), text(search.delivery)]
  return {
    ...(state !== undefined && state !== 'all' && { state }),
    ...(cursor !== undefined && { cursor }),
    ...(search.draft === true && { draft: true as const }),
    ...(delivery !== undefined && { delivery }),
  }
}
