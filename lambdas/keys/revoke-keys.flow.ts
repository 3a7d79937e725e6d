/** Revoking many keys at once, for whoever deletes what they belong to. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { KeyStore } from './keys.store.ts'
import { keyEntry, type Request } from './manage-keys.flow.ts'
import type { VirtualKey } from './virtual-key.ts'

export interface RevocationTools {
  readonly keys: Pick<KeyStore, 'listOfUser' | 'revokeAll' | 'revoke'>
  readonly newId: () => string
}

/** A transaction takes a hundred writes; a key takes two, and some room is left. */
const KEYS_AT_ONCE = 40

/** @param why Beside the name in each entry of the audit. @returns How many were active. */
export async function revokeKeys(
  keys: readonly VirtualKey[],
  why: AuditEntry['detail'],
  request: Request,
  tools: RevocationTools,
): Promise<number> {
  const active = keys.filter(({ isActive }) => isActive)
  for (let from = 0; from < active.length; from += KEYS_AT_ONCE) {
    const page = active.slice(from, from + KEYS_AT_ONCE).map((key) => ({
      key,
      audit: keyEntry('key.revoked', key.id, { name: key.name, ...why }, request, tools),
    }))
    // Where one of them was deleted in the meantime, each goes alone.
    if (!(await tools.keys.revokeAll(page, tools.newId())))
      for (const { key, audit } of page) await tools.keys.revoke(key, audit)
  }
  return active.length
}
