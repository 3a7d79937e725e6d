/**
 * How a person may use the web, for whoever answers their requests. One strongly consistent read, so that a change counts for the very
 * next request. What cannot be read is not missed in silence: it is logged, and another provider is asked where that is allowed.
 */
import { describeError, type Log } from '../platform/log.ts'
import { ZERO_USD } from '../platform/money.ts'
import type { Seal } from '../secrets/seal.client.ts'
import { readItems } from '../table/batch-read.store.ts'
import { searchProvidersKey, webSearchKey } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import {
  DUCKDUCKGO,
  keyPurpose,
  NO_PROVIDERS,
  type OwnProviders,
  readOwnProviders,
  readSearchSettings,
  type SavedProvider,
  type SearchSettings,
} from './search-settings.ts'
import type { Provider, WebSettings } from './web.ts'

export interface WebSettingsReader {
  /** @param userId `null` of a key that belongs to nobody. @throws what the SDK throws where the table cannot be read. */
  of(userId: string | null): Promise<WebSettings>
}

export function openWebSettings(
  documents: Documents,
  coreTable: string,
  seal: Pick<Seal, 'open'>,
  log: Pick<Log, 'warn'>,
): WebSettingsReader {
  /** @param owner A user's id; `null`: everybody's. */
  const opened = async (saved: SavedProvider, owner: string | null): Promise<Omit<Provider, 'price'> | null> => {
    const { type, sealedKey, apiUrl, maxResults } = saved
    try {
      const apiKey = sealedKey === null ? null : await seal.open(sealedKey, keyPurpose(owner, type))
      return { type, apiKey, apiUrl, maxResults }
    } catch (thrown) {
      log.warn('web.key_unreadable', { owner: owner ?? 'everybody', provider: type, ...describeError(thrown) })
      return null
    }
  }
  const ownOf = (item: Record<string, unknown> | undefined, owner: string | null): OwnProviders => {
    try {
      return readOwnProviders(item)
    } catch (thrown) {
      log.warn('web.settings_unreadable', { owner, ...describeError(thrown) })
      return NO_PROVIDERS
    }
  }
  return {
    async of(userId) {
      const keys = userId === null ? [webSearchKey] : [webSearchKey, searchProvidersKey(userId)]
      const items = await readItems(documents, coreTable, keys)
      const settings = readSearchSettings(items.find(({ SK }) => SK === webSearchKey.SK))
      const { mode, fetches } = settings
      if (mode === 'disabled') return { mode, providers: [], fetches }
      if (mode === 'global') return { mode, providers: await sharedProviders(settings), fetches }
      const own = ownOf(
        items.find(({ SK }) => SK !== webSearchKey.SK),
        userId,
      )
      return { mode, providers: await ownProviders(own, userId), fetches }
    },
  }

  async function sharedProviders({ provider, fallback }: SearchSettings): Promise<readonly Provider[]> {
    const shared = provider && (await opened(provider, null))
    const first = provider && shared && { ...shared, price: provider.price }
    if (first === null) log.warn('web.no_provider_for_everybody', { fallback })
    return inTurn(first, fallback)
  }

  /** A key of their own costs the company nothing. */
  async function ownProviders({ active, providers }: OwnProviders, owner: string | null): Promise<readonly Provider[]> {
    const saved = providers.find(({ type }) => type === active)
    const own = saved === undefined ? null : await opened(saved, owner)
    return inTurn(own && { ...own, price: ZERO_USD }, true)
  }
}

const inTurn = (first: Provider | null, fallback: boolean): readonly Provider[] => [
  ...(first === null ? [] : [first]),
  ...(fallback && first?.type !== DUCKDUCKGO.type ? [DUCKDUCKGO] : []),
]
