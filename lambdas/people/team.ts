/** A team: it pays for its members' requests, and decides by which endpoints they go. */
import { NO_BUDGET, type SetBudget } from '../budgets/budget.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'

type Recipients = 'both' | 'user' | 'admin'
type RoutingStrategy = 'primary_fallback' | 'sticky_user' | 'round_robin'

export interface Team {
  readonly id: string
  readonly name: string
  readonly budget: SetBudget
  /** For each member who has no limit of their own; by the team's period and policy. */
  readonly memberLimit: NanoUsd | null
  /** Anthropic's undated names; `null`: every model. */
  readonly allowedModels: readonly string[] | null
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
  budget: NO_BUDGET,
  memberLimit: null,
  allowedModels: null,
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
  /** That are not revoked: those that are cost nobody anything. */
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
