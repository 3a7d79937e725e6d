/** The settings in force, as one view of what several modules hold. */
import { readSettings } from '../../../contract/settings.ts'
import { type Operation, operation } from '../../http/operation.ts'
import { SESSION_SECONDS } from '../../identity/session.ts'
import type { SearchSettingsStore } from '../../web/search-settings.store.ts'

const SECONDS_PER_HOUR = 3_600

export const settingsOperations = (search: Pick<SearchSettingsStore, 'ofAll'>): readonly Operation[] => [
  operation(readSettings)(async () => ({
    status: 200,
    body: {
      // Neither can be turned off.
      virtual_keys_enabled: true,
      admin_login_enabled: true,
      session_token_ttl_hours: SESSION_SECONDS / SECONDS_PER_HOUR,
      websearch_mode: (await search.ofAll()).mode,
    },
  })),
]
