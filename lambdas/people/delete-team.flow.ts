/**
 * Deleting a team. What refers to it is told, or moved and revoked first where that was asked for, however much it is. Whoever is
 * interrupted asks again and goes on: nothing is done twice, and the team goes last.
 */
import type { KeyStore } from '../keys/keys.store.ts'
import { type RevocationTools, revokeKeys } from '../keys/revoke-keys.flow.ts'
import { Fault } from '../platform/fault.ts'
import type { AccountStore } from './accounts.store.ts'
import { teamEntry } from './manage-teams.flow.ts'
import { moveUser, type UserTools } from './manage-users.flow.ts'
import type { Request } from './revise-account.flow.ts'
import { type Team, type TeamReferences, whyTeamStays } from './team.ts'
import type { TeamStore } from './teams.store.ts'

export type TeamDeletionTools = UserTools &
  RevocationTools & {
    readonly teams: Pick<TeamStore, 'find' | 'delete'>
    readonly accounts: Pick<AccountStore, 'ofTeam'>
    readonly keys: Pick<KeyStore, 'listOfTeam'>
    readonly sleep: (ms: number) => Promise<void>
  }

export interface TeamDeletion {
  /** `null`: to no team; `undefined`: members are a reason to stay. */
  readonly moveMembersTo: string | null | undefined
  readonly revokeKeys: boolean
}

export interface DeletedTeam {
  readonly membersMoved: number
  readonly keysRevoked: number
}

/** Members who join while others are moved are moved in the next round. */
const MAX_ROUNDS = 5

/**
 * The lists lag, usually by less than a second. Doubled from round to round: three seconds in all, which whoever waits for a page
 * bears.
 */
const FIRST_WAIT_MS = 100

/** @throws Fault `not_found`, `invalid_request` for where members cannot go, `conflict` with what refers to the team */
export async function deleteTeam(
  id: string,
  wish: TeamDeletion,
  request: Request,
  tools: TeamDeletionTools,
): Promise<DeletedTeam> {
  const team = await tools.teams.find(id)
  if (team === undefined) throw notFound()
  await refuseBadTarget(team, wish.moveMembersTo, tools)
  const done = await empty(id, wish, request, tools)
  const detail = {
    members_moved: done.membersMoved,
    moved_to: wish.moveMembersTo ?? null,
    keys_revoked: done.keysRevoked,
  }
  await remove(team, detail, request, tools)
  return done
}

/** Of those who rename a team that is being deleted, few are expected. */
const MAX_TRIES = 5

async function remove(
  team: Team,
  detail: Readonly<Record<string, unknown>>,
  request: Request,
  tools: TeamDeletionTools,
): Promise<void> {
  let seen: Team | undefined = team
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    if (seen === undefined) throw notFound()
    if (await tools.teams.delete(seen, teamEntry('team.deleted', seen, detail, request, tools))) return
    seen = await tools.teams.find(team.id)
  }
  throw new Fault('conflict', 'Somebody else is changing this team at this moment; try again')
}

/**
 * Until the lists show nothing of the team. What was handled and is still listed is a list that lags: then somebody who has just come
 * may be missing from it too, so it is waited for, but not for ever.
 */
async function empty(id: string, wish: TeamDeletion, request: Request, tools: TeamDeletionTools): Promise<DeletedTeam> {
  const handled = new Set<string>()
  let done: DeletedTeam = { membersMoved: 0, keysRevoked: 0 }
  for (let round = 1; ; round++) {
    const isLast = round > MAX_ROUNDS
    const { members, keys, lags } = await leftOf(id, handled, tools)
    refuseWhileNeeded({ members: members.length, keys: keys.length }, isLast ? NOTHING_ASKED : wish)
    const isEmpty = members.length === 0 && keys.length === 0
    if (isEmpty && (isLast || !lags)) return done
    const membersMoved = await moveAll(members, { from: id, to: wish.moveMembersTo ?? null }, request, tools)
    const keysRevoked = await revokeKeys(keys, { team_deleted: id }, request, tools)
    done = { membersMoved: done.membersMoved + membersMoved, keysRevoked: done.keysRevoked + keysRevoked }
    for (const one of [...members, ...keys.map((key) => key.id)]) handled.add(one)
    await tools.sleep(FIRST_WAIT_MS * 2 ** (round - 1))
  }
}

async function leftOf(teamId: string, handled: ReadonlySet<string>, { accounts, keys }: TeamDeletionTools) {
  const [members, listed] = await Promise.all([accounts.ofTeam(teamId), keys.listOfTeam(teamId)])
  const active = listed.filter(({ isActive }) => isActive)
  const isOpen = ({ id }: { readonly id: string }) => !handled.has(id)
  return {
    members: members.filter(isOpen).map(({ id }) => id),
    keys: active.filter(isOpen),
    lags: [...members, ...active].some(({ id }) => handled.has(id)),
  }
}

const NOTHING_ASKED: TeamDeletion = { moveMembersTo: undefined, revokeKeys: false }

async function refuseBadTarget(team: Team, target: string | null | undefined, { teams }: TeamDeletionTools) {
  if (target === team.id) throw new Fault('invalid_request', 'move_members_to: is the team that is to be deleted')
  if (target !== null && target !== undefined && (await teams.find(target)) === undefined) {
    throw new Fault('invalid_request', 'move_members_to: there is no such team')
  }
}

/** Before anything is touched: a deletion that cannot end is not begun. */
function refuseWhileNeeded({ members, keys }: TeamReferences, wish: TeamDeletion): void {
  const reason = whyTeamStays({
    members: wish.moveMembersTo === undefined ? members : 0,
    keys: wish.revokeKeys ? 0 : keys,
  })
  if (reason !== undefined) throw new Fault('conflict', reason, { told: { blockers: { members, keys } } })
}

/** Side by side, but few: each checks the team they go to, and DynamoDB lets those checks through one at a time. */
const MEMBERS_AT_ONCE = 5

/** @returns how many were there to be moved. */
async function moveAll(
  ids: readonly string[],
  way: { readonly from: string; readonly to: string | null },
  request: Request,
  tools: TeamDeletionTools,
): Promise<number> {
  let moved = 0
  for (let from = 0; from < ids.length; from += MEMBERS_AT_ONCE) {
    const page = ids.slice(from, from + MEMBERS_AT_ONCE)
    const ends = await Promise.all(page.map((id) => moveOne(id, way, request, tools)))
    moved += ends.filter((isMoved) => isMoved).length
  }
  return moved
}

/** @returns false for who has left in the meantime, or is gone: they need not be moved. */
async function moveOne(
  id: string,
  way: { from: string; to: string | null },
  request: Request,
  tools: UserTools,
): Promise<boolean> {
  try {
    await moveUser(id, way, request, tools)
    return true
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'not_found') throw thrown
    return false
  }
}

const notFound = (): Fault => new Fault('not_found', 'Team not found')
