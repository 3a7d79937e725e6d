/** Teams with people who have spent something, in a deployed gateway. */
import type { User } from '../../lambdas/people/user.ts'
import { instant } from '../../lambdas/platform/instant.ts'
import { openDocuments } from '../../lambdas/table/document.store.ts'
import type { Deployed } from './deployed.ts'
import { type Member, newMember } from './member.ts'
import { spend } from './spend.ts'

export interface Spender extends Member {
  readonly email: string
}

/** @param usd What they have spent just now, in the name of their team. */
export async function newSpender(gateway: Deployed, usd: number, wish: Partial<User> = {}): Promise<Spender> {
  const member = await newMember(gateway, wish)
  await spendNow(gateway, { usd, userId: member.id, teamId: wish.teamId ?? null })
  return { ...member, email: wish.email ?? `${member.id}@example.com` }
}

interface Spent {
  readonly usd: number
  readonly userId?: string
  readonly teamId?: string | null
  readonly keyId?: string
}

export async function spendNow(gateway: Deployed, spent: Spent): Promise<void> {
  if (spent.usd === 0) return
  const documents = openDocuments({ endpoint: gateway.databaseEndpoint })
  await spend(documents, gateway.tables.get('usage') ?? '', { ...spent, at: instant(Date.now()) })
  documents.destroy()
}

export async function newTeam(gateway: Deployed, name: string, budget?: object): Promise<string> {
  const made = await gateway.admin('POST', '/admin/teams', { name })
  if (made.status !== 201) throw new Error(await made.text())
  const { id } = (await made.json()) as { id: string }
  if (budget !== undefined) await setBudget(gateway, id, budget)
  return id
}

export async function setBudget(gateway: Deployed, team: string, budget: object): Promise<void> {
  const answer = await gateway.admin('PUT', `/admin/teams/${team}/budget`, budget)
  if (answer.status !== 200) throw new Error(await answer.text())
}
