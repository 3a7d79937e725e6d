/** Creating people, and changing what they are and may. */
import type * as z from 'zod'
import type * as contract from '../../contract/users.ts'
import { nanoOfUsd } from '../budgets/budget-wish.ts'
import type { KeyStore } from '../keys/keys.store.ts'
import { statusOf, type VirtualKey } from '../keys/virtual-key.ts'
import { Fault } from '../platform/fault.ts'
import { usdOrNull } from '../platform/money.ts'
import { type AccountTools, entryOf, type Request, reviseAccount } from './revise-account.flow.ts'
import { newUser, type User } from './user.ts'

type NewUserWish = z.output<(typeof contract.createUser)['body']>
type UserWish = z.output<(typeof contract.changeUser)['body']>
type LimitWish = z.output<(typeof contract.setSpendLimit)['body']>

export type UserTools = AccountTools & {
  readonly keys: Pick<KeyStore, 'listOfUser' | 'noteOwnersTeam'>
}

/** @throws Fault `conflict` when somebody has that address, `invalid_request` for an unknown team */
export async function createUser(wish: NewUserWish, request: Request, tools: AccountTools): Promise<User> {
  const { email, role, team_id: teamId = null, display_name: displayName = null } = wish
  const user = newUser(tools.newId(), email, request.at, { role, teamId, displayName })
  const audit = entryOf('user.created', user.id, { email, role, team_id: teamId }, request, tools)
  const outcome = await tools.accounts.create(user, audit)
  if (outcome === 'done') return user
  if (outcome === 'no such team') throw new Fault('invalid_request', 'team_id: there is no such team')
  throw new Fault('conflict', 'email: there is a person with this address already')
}

export async function changeUser(id: string, wish: UserWish, request: Request, tools: AccountTools): Promise<void> {
  await reviseAccount(
    id,
    (user) => {
      const next = wished(user, wish)
      const detail = differences(user, next)
      return Object.keys(detail).length === 0
        ? undefined
        : { next, action: actionOf(user, next), detail: { email: user.email, ...detail } }
    },
    request,
    tools,
  )
}

const kept = <T>(wish: T | undefined, before: T): T => (wish === undefined ? before : wish)

const wished = (user: User, wish: UserWish): User => ({
  ...user,
  role: kept(wish.role, user.role),
  active: kept(wish.active, user.active),
  displayName: kept(wish.display_name, user.displayName),
  rates: { rpm: kept(wish.rate_limit_rpm, user.rates.rpm), tpm: kept(wish.rate_limit_tpm, user.rates.tpm) },
})

function actionOf(before: User, after: User): string {
  if (before.active === after.active) return 'user.changed'
  return after.active ? 'user.reactivated' : 'user.suspended'
}

/** What is told of an account in the audit: each member that differs, before and after. */
function differences(before: User, after: User): Record<string, unknown> {
  const facts = (user: User): Record<string, unknown> => ({
    role: user.role,
    active: user.active,
    display_name: user.displayName,
    rate_limit_rpm: user.rates.rpm,
    rate_limit_tpm: user.rates.tpm,
    limit_usd: usdOrNull(user.spendLimit),
    budget_period: user.budgetPeriod,
  })
  const [from, to] = [facts(before), facts(after)]
  const changed = Object.keys(from).filter((name) => from[name] !== to[name])
  return Object.fromEntries(changed.map((name) => [name, { from: from[name], to: to[name] }]))
}

export async function setSpendLimit(id: string, wish: LimitWish, request: Request, tools: AccountTools): Promise<void> {
  const spendLimit = wish.limit_usd === null ? null : nanoOfUsd(wish.limit_usd)
  await reviseAccount(
    id,
    (user) => {
      const next: User = { ...user, spendLimit, budgetPeriod: wish.budget_period ?? user.budgetPeriod }
      const detail = differences(user, next)
      if (Object.keys(detail).length === 0) return undefined
      return { next, action: 'user.limit_set', detail: { email: user.email, ...detail } }
    },
    request,
    tools,
  )
}

const NO_MEMBER = 'Member not found in team'

/**
 * @param from Only a member of this team; `undefined`: whatever team they are in.
 * @returns how many active keys of theirs stay with another team than they are in now, as those were made for it.
 * @throws Fault `not_found`, also for somebody who is not in that team
 */
export async function moveUser(
  id: string,
  { to, from }: { readonly to: string | null; readonly from?: string },
  request: Request,
  tools: UserTools,
): Promise<number> {
  await reviseAccount(
    id,
    (user) => {
      if (from !== undefined && user.teamId !== from) throw new Fault('not_found', NO_MEMBER)
      if (user.teamId === to) return undefined
      const detail = { email: user.email, from: user.teamId, to }
      return { next: { ...user, teamId: to }, action: 'user.moved', detail }
    },
    request,
    tools,
    from === undefined ? undefined : NO_MEMBER,
  )
  // Also where they were in it already: an earlier request may have ended before this.
  const keys = await tools.keys.listOfUser(id)
  await tellKeys(keys, to, tools)
  return keys.filter((key) => statusOf(key, request.at) === 'active' && key.teamId !== null && key.teamId !== to).length
}

/** The copy on a key saves its first request a round trip; whoever reads it checks it. */
async function tellKeys(keys: readonly VirtualKey[], teamId: string | null, tools: UserTools): Promise<void> {
  const stale = keys.filter((key) => key.ownerTeamId !== teamId)
  await tools.keys.noteOwnersTeam(stale, teamId)
}
