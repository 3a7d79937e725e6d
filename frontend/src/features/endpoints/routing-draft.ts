/** The routing of a team while somebody changes it: how it is chosen, in which order, and what Bedrock is told. */
import type { Wish } from '../../api/client.ts'
import type { TeamRouting } from '../../api/endpoint-types.ts'

type Options = TeamRouting['bedrock']
type Body = NonNullable<Wish<'PUT /admin/teams/{id}/endpoints'>['body']>
export type Strategy = TeamRouting['routing_strategy']

export interface RoutingDraft {
  readonly strategy: Strategy
  /** Ids, the first to be tried first. */
  readonly order: readonly string[]
  /** Those of them that share the rank of the one before. */
  readonly shared: readonly string[]
  readonly bedrock: Options
}

export const STRATEGIES: Readonly<Record<Strategy, { readonly title: string; readonly text: string }>> = {
  sticky_user: {
    title: 'Sticky user',
    text: 'Each person stays at one endpoint, where the prompt cache knows them. Endpoints of one rank share the people. The usual choice.',
  },
  primary_fallback: {
    title: 'Primary and fallback',
    text: 'The first endpoint of the list that is well; the others only when it is not.',
  },
  round_robin: {
    title: 'Round robin',
    text: 'Requests are spread evenly. Prompt caches are missed more often, which costs more.',
  },
}

export const routingOf = ({ routing_strategy, endpoints, bedrock }: TeamRouting): RoutingDraft => ({
  strategy: routing_strategy,
  order: endpoints.map(({ id }) => id),
  shared: endpoints.filter(({ priority }, at) => endpoints[at - 1]?.priority === priority).map(({ id }) => id),
  bedrock,
})

/** 1, 2, 3 by place; who shares a rank has the number of the one before. */
export function ranksOf({ order, shared }: Pick<RoutingDraft, 'order' | 'shared'>): readonly number[] {
  let rank = 0
  return order.map((id, at) => {
    if (at === 0 || !shared.includes(id)) rank += 1
    return rank
  })
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
export const isSame = (a: RoutingDraft, b: RoutingDraft): boolean => same(a, b)

/** Priorities are the ranks. Options that nobody touched are not sent. */
export function routingBody(before: RoutingDraft, after: RoutingDraft, rev: number): Body {
  const ranks = ranksOf(after)
  return {
    routing_strategy: after.strategy,
    endpoints: after.order.map((endpoint_id, at) => ({ endpoint_id, priority: ranks[at] ?? 0 })),
    ...(!same(before.bedrock, after.bedrock) && { bedrock: after.bedrock }),
    rev,
  }
}

/** Theirs, with what was changed here over it. */
export function mergedRouting(base: RoutingDraft, mine: RoutingDraft, theirs: RoutingDraft): RoutingDraft {
  const { order, shared } = same([mine.order, mine.shared], [base.order, base.shared]) ? theirs : mine
  return {
    strategy: mine.strategy === base.strategy ? theirs.strategy : mine.strategy,
    order,
    shared,
    bedrock: same(mine.bedrock, base.bedrock) ? theirs.bedrock : mine.bedrock,
  }
}

export type List = Pick<RoutingDraft, 'order' | 'shared'>

/** A row that is moved has a rank of its own. @param by -1 for earlier, 1 for later. At an end it stays. */
export function moved({ order, shared }: List, id: string, by: -1 | 1): List {
  const from = order.indexOf(id)
  const to = from + by
  if (from < 0 || to < 0 || to >= order.length) return { order, shared }
  const rest = order.filter((one) => one !== id)
  const next = [...rest.slice(0, to), id, ...rest.slice(to)]
  return { order: next, shared: shared.filter((one) => one !== id && one !== next[0]) }
}

export function without({ order, shared }: List, id: string): List {
  const next = order.filter((one) => one !== id)
  return { order: next, shared: shared.filter((one) => one !== id && one !== next[0]) }
}
