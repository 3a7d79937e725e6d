/** What would happen at once if a budget were set: to whom it would hold, each as they stand now and as they would. */
import type * as z from 'zod'
import type { BudgetTrial } from '../../contract/budget-routes.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { NanoUsd } from '../platform/money.ts'
import { countedOf, holderOfKey, holderOfTeam, holderOfUser } from './accounts.ts'
import type { SetBudget } from './budget.ts'
import { usualOf } from './budget-settings.ts'
import { nanoOfUsd, rulesOf } from './budget-wish.ts'
import type { Period } from './period.ts'
import { type PolicyRule, STANDARD } from './policy.ts'
import type { Spending } from './spending.store.ts'
import type { Shards } from './standings.ts'
import type { BudgetSubjects } from './subjects.store.ts'
import type { KnownKey, KnownTeam, KnownUser } from './subjects.ts'
import { type Effects, effectsOf, type PricedRule, pricedRules, type Tried } from './trial.ts'

export interface PreviewTools {
  readonly subjects: Pick<BudgetSubjects, 'settings' | 'user' | 'team' | 'key' | 'members' | 'keysOfTeam'>
  readonly spending: Spending
}

export interface Preview extends Effects {
  readonly period: Period
  readonly affected: number
  readonly rules: readonly PricedRule[]
  readonly memberRules: readonly PricedRule[]
}

type Trial = z.output<typeof BudgetTrial>

/** What a trial comes to, once everybody it touches is known. */
interface Situation {
  readonly tried: readonly Tried[]
  readonly shards: Shards
  /** By which the limit would be enforced. */
  readonly rules: readonly PolicyRule[]
}

/**
 * One query for the members, one for the keys, and their counters in batches: bounded by the size of a team, or by how many have none.
 * @throws Fault `not_found`
 */
export async function previewBudget(trial: Trial, at: Instant, { subjects, spending }: PreviewTools): Promise<Preview> {
  const { settings } = await subjects.settings()
  const { tried, shards, rules } = await situationOf(trial, usualOf(settings), subjects)
  const counted = tried.flatMap(({ before, after }) => [before, after]).flatMap((holder) => countedOf(holder, shards))
  const own = trial.scope === 'default' ? undefined : { kind: trial.scope, id: trial.id ?? '' }
  const effects = effectsOf(tried, own, await spending.read(counted, at), at)
  return {
    ...effects,
    period: trial.period,
    affected: tried.length,
    rules: pricedRules(rules, amountOf(trial.amount_usd)),
    memberRules: pricedRules(rules, amountOf(trial.default_user_budget_usd)),
  }
}

const amountOf = (usd: number | null | undefined): NanoUsd | null => (usd == null ? null : nanoOfUsd(usd))

const budgetIn = ({ amount_usd, period, policy }: Trial): SetBudget => ({
  limit: amountOf(amount_usd),
  period,
  rules: rulesOf(policy),
})

async function situationOf(trial: Trial, usual: SetBudget, subjects: PreviewTools['subjects']): Promise<Situation> {
  const id = trial.id ?? ''
  if (trial.scope === 'team') return await ofTeam(id, trial, usual, subjects)
  if (trial.scope === 'user') return await ofUser(id, trial, usual, subjects)
  if (trial.scope === 'key') return await ofKey(id, trial, usual, subjects)
  return ofDefault(await subjects.members(null), trial, usual)
}

/** The team itself, its members, and the keys without an owner that it pays for. */
async function ofTeam(
  id: string,
  trial: Trial,
  usual: SetBudget,
  subjects: PreviewTools['subjects'],
): Promise<Situation> {
  const [team, members, keys] = await Promise.all([subjects.team(id), subjects.members(id), subjects.keysOfTeam(id)])
  if (team === undefined) throw new Fault('not_found', 'Team not found')
  const next: KnownTeam = { ...team, budget: budgetIn(trial), memberLimit: amountOf(trial.default_user_budget_usd) }
  const holderOf = (key: KnownKey, payingTeam: KnownTeam) =>
    holderOfKey(key, { owner: null, ownersTeam: null, payingTeam }, usual)
  return {
    tried: [
      { name: team.name, before: holderOfTeam(team, usual), after: holderOfTeam(next, usual) },
      ...members
        .filter(({ active }) => active)
        .map((user) => triedUser(user, [user, team, usual], [user, next, usual])),
      ...keys
        .filter(({ active, userId }) => active && userId === null)
        .map((key) => ({ name: nameOf(key), before: holderOf(key, team), after: holderOf(key, next) })),
    ],
    shards: { users: byId(members), teams: byId([team]) },
    rules: next.budget.rules ?? STANDARD,
  }
}

/** Everybody without a team. */
function ofDefault(people: readonly KnownUser[], trial: Trial, usual: SetBudget): Situation {
  const next = budgetIn(trial)
  const active = people.filter((user) => user.active)
  return {
    tried: active.map((user) => triedUser(user, [user, null, usual], [user, null, next])),
    shards: { users: byId(active), teams: new Map() },
    rules: next.rules ?? STANDARD,
  }
}

/** A limit of one's own is enforced by the policy of the team, or that of the default. */
async function ofUser(
  id: string,
  trial: Trial,
  usual: SetBudget,
  subjects: PreviewTools['subjects'],
): Promise<Situation> {
  const user = await subjects.user(id)
  if (user === undefined) throw new Fault('not_found', 'User not found')
  const team = await teamOf(user.teamId, subjects)
  const next: KnownUser = { ...user, limit: amountOf(trial.amount_usd), period: trial.period }
  return {
    tried: [triedUser(user, [user, team, usual], [next, team, usual])],
    shards: { users: byId([user]), teams: byId(team === null ? [] : [team]) },
    rules: (team === null ? usual : team.budget).rules ?? STANDARD,
  }
}

async function ofKey(
  id: string,
  trial: Trial,
  usual: SetBudget,
  subjects: PreviewTools['subjects'],
): Promise<Situation> {
  const key = await subjects.key(id)
  if (key === undefined) throw new Fault('not_found', 'Key not found')
  const owner = key.userId === null ? null : ((await subjects.user(key.userId)) ?? null)
  const ownersTeam = await teamOf(owner?.teamId, subjects)
  const payingTeam = key.teamId === null ? ownersTeam : await teamOf(key.teamId, subjects)
  const next: KnownKey = { ...key, budget: budgetIn(trial) }
  const context = { owner, ownersTeam, payingTeam }
  return {
    tried: [{ name: nameOf(key), before: holderOfKey(key, context, usual), after: holderOfKey(next, context, usual) }],
    shards: {
      users: byId(owner === null ? [] : [owner]),
      teams: byId([ownersTeam, payingTeam].filter((team) => team !== null)),
    },
    rules: next.budget.rules ?? STANDARD,
  }
}

type HolderFacts = Parameters<typeof holderOfUser>

const triedUser = (user: KnownUser, before: HolderFacts, after: HolderFacts): Tried => ({
  name: user.email,
  before: holderOfUser(...before),
  after: holderOfUser(...after),
})

const teamOf = async (
  id: string | null | undefined,
  subjects: Pick<BudgetSubjects, 'team'>,
): Promise<KnownTeam | null> => (id == null ? null : ((await subjects.team(id)) ?? null))

const nameOf = ({ name, prefix }: KnownKey): string => name ?? prefix

const byId = <T extends { readonly id: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((one) => [one.id, one]))
