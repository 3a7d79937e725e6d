/** A team: it pays for its members' requests, and decides by which endpoints they go. */
import type { Instant } from '../platform/instant.ts'

type BudgetPeriod = 'daily' | 'weekly' | 'monthly'
type Recipients = 'both' | 'user' | 'admin'
type RoutingStrategy = 'primary_fallback' | 'sticky_user' | 'round_robin'

export interface Team {
  readonly id: string
  readonly name: string
  readonly budgetAmountUsd: number | null
  readonly budgetPeriod: BudgetPeriod
  readonly budgetPolicy: readonly unknown[] | null
  readonly defaultUserBudgetUsd: number | null
  readonly notifyRecipients: Recipients
  readonly routingStrategy: RoutingStrategy
  readonly createdAt: Instant
  readonly externalId: string | null
  readonly displayName: string | null
  readonly scimManaged: boolean
  readonly idpId: string | null
}

/** Without a budget, and each member's requests staying on one endpoint, so that prompt caches are warm. */
export const newTeam = (id: string, name: string, at: Instant): Team => ({
  id,
  name,
  budgetAmountUsd: null,
  budgetPeriod: 'monthly',
  budgetPolicy: null,
  defaultUserBudgetUsd: null,
  notifyRecipients: 'both',
  routingStrategy: 'sticky_user',
  createdAt: at,
  externalId: null,
  displayName: null,
  scimManaged: false,
  idpId: null,
})

export interface TeamReferences {
  readonly members: number
  readonly keys: number
}

/** Why a team cannot be deleted yet; `undefined` when nothing refers to it. */
export function whyTeamStays({ members, keys }: TeamReferences): string | undefined {
  if (members === 0 && keys === 0) return undefined
  const parts = [
    ...(members > 0 ? [`${members} ${members === 1 ? 'member' : 'members'}`] : []),
    ...(keys > 0 ? [`${keys} ${keys === 1 ? 'key' : 'keys'}`] : []),
  ]
  return `The team still has ${parts.join(' and ')}. Move or delete them first.`
}
