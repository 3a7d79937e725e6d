/** One change of an account, decided again where somebody else was quicker. The last active administrator stays one. */
import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Person } from '../identity/caller.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { Account, AccountStore } from './accounts.store.ts'
import type { User } from './user.ts'

export interface AccountTools {
  readonly accounts: AccountStore
  readonly newId: () => string
}

/** On whose behalf, and when. */
export interface Request {
  readonly caller: Person
  readonly at: Instant
  readonly requestId: string
}

export interface Decision {
  readonly next: User
  /** `user.moved` */
  readonly action: string
  readonly detail: AuditEntry['detail']
}

/** Of those who change one account at once, one gets through in each round; administrators are few. */
const MAX_TRIES = 12

/**
 * @param decide From what there is; `undefined` where everything is as it should be already. May throw a fault.
 * @returns The account as it is now.
 * @throws Fault `not_found`, `invalid_request` for a team that is not there, `conflict` for the last active administrator
 */
export async function reviseAccount(
  id: string,
  decide: (user: User) => Decision | undefined,
  request: Request,
  tools: AccountTools,
  notFound = 'User not found',
): Promise<Account> {
  const unfit = new Set<string>([id])
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const seen = await tools.accounts.find(id)
    if (seen === undefined) throw new Fault('not_found', notFound)
    const decision = decide(seen.user)
    if (decision === undefined) return seen
    const { next, action, detail } = decision
    const witness =
      isActiveAdmin(seen.user) && !isActiveAdmin(next) ? await otherAdmin(unfit, request, tools) : undefined
    const audit = entryOf(action, id, detail, request, tools)
    const outcome = await tools.accounts.revise(seen, { next, audit, witness })
    if (outcome === 'done') return { user: next, rev: seen.rev + 1 }
    if (outcome === 'no such team') throw new Fault('invalid_request', 'team_id: there is no such team')
    if (outcome === 'no administrator' && witness !== undefined) unfit.add(witness)
  }
  throw beingChanged()
}

const isActiveAdmin = ({ role, active }: User): boolean => role === 'admin' && active

/** Who calls is an administrator, and most likely still is; else any other will do. */
async function otherAdmin(unfit: ReadonlySet<string>, { caller }: Request, tools: AccountTools): Promise<string> {
  if (!unfit.has(caller.userId)) return caller.userId
  const other = (await tools.accounts.list()).find((one) => isActiveAdmin(one) && !unfit.has(one.id))
  if (other === undefined) {
    throw new Fault('conflict', 'This is the last active administrator. Make somebody else an administrator first.')
  }
  return other.id
}

export const beingChanged = (): Fault =>
  new Fault('conflict', 'Somebody else is changing this person at this moment; try again')

export const entryOf = (
  action: string,
  userId: string,
  detail: AuditEntry['detail'],
  { caller, at, requestId }: Request,
  tools: Pick<AccountTools, 'newId'>,
): AuditEntry => ({ id: tools.newId(), at, requestId, actor: caller, action, target: `user:${userId}`, detail })
