/** The list of virtual keys: all of them for an administrator, their own for a member; found, sorted and cut into pages. */
import type * as z from 'zod'
import type { KeysQuery } from '../../contract/keys.ts'
import { pageOf, sorted } from '../http/page.ts'
import type { Person } from '../identity/caller.ts'
import type { CursorKey } from '../identity/cursor-key.client.ts'
import type { Directory, KnownPerson } from '../people/directory.store.ts'
import type { Instant } from '../platform/instant.ts'
import type { KeyUsage, KeyUsageStore } from '../spend/key-usage.store.ts'
import { type KeyRow, matches, orderedBy } from './key-list.ts'
import type { KeyStore } from './keys.store.ts'
import { statusOf, type VirtualKey } from './virtual-key.ts'

export interface KeyListTools {
  readonly keys: Pick<KeyStore, 'listAll' | 'listOfUser' | 'listOfTeam'>
  readonly directory: Directory
  readonly usage: KeyUsageStore
  readonly cursorKey: CursorKey
}

export interface KeyPage {
  readonly rows: readonly KeyRow[]
  readonly matching: number
  readonly total: number
  readonly nextCursor: string | null
}

/**
 * The whole list is read and thought over here, because it is small (ten thousand keys are four megabytes) and can be
 * searched and sorted by anything. @throws Fault `invalid_request` for a cursor of another list
 */
export async function listKeys(
  query: z.output<typeof KeysQuery>,
  caller: Person,
  at: Instant,
  tools: KeyListTools,
): Promise<KeyPage> {
  const keys = caller.role === 'admin' ? await tools.keys.listAll() : await tools.keys.listOfUser(caller.userId)
  const all = await described(keys, at, tools)
  const order = orderedBy(query.sort, query.order === 'desc')
  const found = sorted(
    all.filter((row) => matches(row, query)),
    order,
  )
  const { cursor, limit, ...asked } = query
  const scope = JSON.stringify(['keys', caller.userId, asked])
  const page = pageOf(found, order, { cursor, limit }, { secret: await tools.cursorKey(at), scope })
  return { ...page, matching: found.length, total: all.length }
}

/** Newest first. */
export const listKeysOfTeam = async (
  teamId: string,
  at: Instant,
  tools: Omit<KeyListTools, 'cursorKey'>,
): Promise<KeyRow[]> => await described(await tools.keys.listOfTeam(teamId), at, tools)

async function described(
  keys: readonly VirtualKey[],
  at: Instant,
  tools: Pick<KeyListTools, 'directory' | 'usage'>,
): Promise<KeyRow[]> {
  const people = await tools.directory.people(keys.flatMap(({ userId }) => userId ?? []))
  const ownerOf = (key: VirtualKey): KnownPerson | undefined => people.get(key.userId ?? '')
  const teamOf = (key: VirtualKey): string | null => key.teamId ?? ownerOf(key)?.teamId ?? null
  const [teams, usage] = await Promise.all([
    tools.directory.teams(keys.flatMap((key) => teamOf(key) ?? [])),
    tools.usage.of(
      keys.map(({ id }) => id),
      at,
    ),
  ])
  return keys.map((key) => ({
    key,
    status: statusOf(key, at),
    ownerEmail: ownerOf(key)?.email ?? null,
    ownerName: ownerOf(key)?.displayName ?? null,
    teamName: teams.get(teamOf(key) ?? '') ?? null,
    // Whatever was asked for is there.
    usage: usage.get(key.id) as KeyUsage,
  }))
}
