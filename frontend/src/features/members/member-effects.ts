/** What an act on somebody brings about, in words, before it is done. */

import type { Member, Team } from '../../api/people-types.ts'
import { limitInShort, type Period } from '../../format/budget.ts'

/** How somebody is called: by name where they have one. */
export const nameOf = ({ display_name, email }: Pick<Member, 'display_name' | 'email'>): string => display_name ?? email

/** `$50.00 / month, their own` */
export function limitInWords({ effective_limit: limit }: Pick<Member, 'effective_limit'>): string {
  if (limit === null) return 'No limit'
  const sources = { explicit: 'their own', team: `from team ${limit.source_name}`, default: 'the default' }
  return `${limitInShort(limit.limit_usd, limit.period)}, ${sources[limit.source]}`
}

type Moved = Pick<Member, 'team_name' | 'spend_limit_monthly_usd' | 'budget_period' | 'effective_limit' | 'key_count'>

/** What somebody may spend who has no limit of their own. */
interface Each {
  readonly amount: number | null
  readonly period: Period
}

export const eachOf = ({ default_user_budget_usd: amount, budget_period: period }: Team): Each => ({ amount, period })

/**
 * @param to `null`: no team.
 * @param each What holds there for each member; `undefined` while it is not known.
 */
export function effectsOfMove(member: Moved, to: Pick<Team, 'name'> | null, each: Each | undefined): readonly string[] {
  const pays =
    to === null
      ? 'From the next request on no team pays, and requests go by the default endpoint.'
      : `From the next request on ${to.name} pays, and its endpoints are used.`
  return [
    pays,
    ...(member.team_name === null ? [] : [`What they have spent stays with ${member.team_name}.`]),
    ...limitAfterMove(member, each),
    ...(member.key_count === 0 ? [] : ['A key with a team of its own stays with that team.']),
  ]
}

function limitAfterMove(
  { spend_limit_monthly_usd: own, budget_period: period, effective_limit: now }: Moved,
  each: Each | undefined,
): readonly string[] {
  if (own !== null) return [`Their own limit stays: ${limitInShort(own, period)}.`]
  if (each === undefined) return []
  const before = now === null ? 'none' : limitInShort(now.limit_usd, now.period)
  const after = each.amount === null ? 'none' : limitInShort(each.amount, each.period)
  return [before === after ? `Their limit stays: ${after}.` : `Their limit changes from ${before} to ${after}.`]
}

export type Act = 'promote' | 'demote' | 'suspend' | 'reactivate' | 'remove'

interface Acted {
  readonly keys: number
  /** Whoever asks acts on themselves. */
  readonly isSelf: boolean
}

/** Nothing where there are none. */
const aboutKeys = (keys: number, one: string, more: string): readonly string[] =>
  keys === 0 ? [] : [keys === 1 ? `1 key of theirs ${one}.` : `${keys} keys of theirs ${more}.`]

const EFFECTS: Readonly<Record<Act, (acted: Acted) => readonly string[]>> = {
  promote: () => [
    'They see everybody’s keys and spending.',
    'They may change people, teams, limits and endpoints, and make others administrators.',
  ],
  demote: ({ isSelf }) => [
    isSelf
      ? 'You lose the pages of administrators at once, and cannot take this back yourself.'
      : 'They keep their keys, and see their own keys and spending only.',
  ],
  suspend: ({ keys, isSelf }) => [
    isSelf ? 'You are signed out, and cannot take this back yourself.' : 'They are signed out.',
    ...aboutKeys(keys, 'is refused from the next request on', 'are refused from the next request on'),
    'Nothing is deleted: reactivating brings all of it back.',
  ],
  reactivate: ({ keys }) => ['They can sign in again.', ...aboutKeys(keys, 'is accepted again', 'are accepted again')],
  remove: ({ keys, isSelf }) => [
    ...aboutKeys(keys, 'is revoked; this cannot be undone', 'are revoked; this cannot be undone'),
    isSelf ? 'You are signed out at once.' : 'They are signed out at once.',
    'What they have spent stays on the books.',
    'To come back, they have to be added again, and get new keys.',
  ],
}

export const effectsOf = (
  act: Act,
  { key_count: keys }: Pick<Member, 'key_count'>,
  isSelf: boolean,
): readonly string[] => EFFECTS[act]({ keys, isSelf })
