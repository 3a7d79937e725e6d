/** Changing what a key is called, whose it is, who pays, and what it is held to. */
import type * as z from 'zod'
import type { changeKey as route } from '../../contract/keys.ts'
import type { UserStore } from '../people/users.store.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { KeyChanges } from './key-changes.store.ts'
import { toldLimits, wishedLimits } from './key-limits.ts'
import { keyEntry, type Request } from './manage-keys.flow.ts'
import type { VirtualKey } from './virtual-key.ts'

export interface KeyChangeTools {
  readonly keyChanges: KeyChanges
  readonly users: UserStore
  readonly newId: () => string
}

type ChangeWish = z.output<(typeof route)['body']>

/** Of those who change one key at once, one gets through in each round; administrators are few. */
const MAX_TRIES = 12

/** @throws Fault `not_found`, `invalid_request` for an owner or team that is not there and for limits that make no sense */
export async function changeKey(id: string, wish: ChangeWish, request: Request, tools: KeyChangeTools): Promise<void> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.keyChanges.find(id)
    if (seen === undefined) throw new Fault('not_found', 'Key not found')
    const next = await wished(seen.key, wish, request.at, tools.users)
    const changes = differences(seen.key, next)
    if (Object.keys(changes).length === 0) return
    const audit = keyEntry('key.changed', id, { name: seen.key.name, ...changes }, request, tools)
    const outcome = await tools.keyChanges.change(seen, next, audit)
    if (outcome === 'done') return
    if (outcome === 'no such team')
      throw new Fault('invalid_request', 'team_id: Referenced user or team does not exist')
  }
  throw new Fault('conflict', 'Somebody else is changing this key or its owner at this moment; try again')
}

const kept = <T>(wish: T | undefined, before: T): T => (wish === undefined ? before : wish)

async function wished(key: VirtualKey, wish: ChangeWish, at: Instant, users: UserStore): Promise<VirtualKey> {
  const userId = kept(wish.user_id, key.userId)
  return {
    ...key,
    name: kept(wish.name, key.name),
    userId,
    teamId: kept(wish.team_id, key.teamId),
    ownerTeamId: userId === key.userId ? key.ownerTeamId : await teamOfOwner(userId, users),
    ...wishedLimits(key, wish, at),
  }
}

async function teamOfOwner(userId: string | null, users: UserStore): Promise<string | null> {
  if (userId === null) return null
  const owner = await users.find(userId)
  if (owner === undefined) throw new Fault('invalid_request', 'user_id: Referenced user or team does not exist')
  if (!owner.active) throw new Fault('invalid_request', 'user_id: this person is suspended')
  return owner.teamId
}

/** Each member that differs, before and after. */
function differences(before: VirtualKey, after: VirtualKey): Record<string, unknown> {
  const facts = (key: VirtualKey): Record<string, unknown> => ({
    name: key.name,
    user_id: key.userId,
    team_id: key.teamId,
    ...toldLimits(key),
  })
  const [from, to] = [facts(before), facts(after)]
  const changed = Object.keys(from).filter((name) => JSON.stringify(from[name]) !== JSON.stringify(to[name]))
  return Object.fromEntries(
    changed.map((name) => [name === 'name' ? 'renamed' : name, { from: from[name], to: to[name] }]),
  )
}
