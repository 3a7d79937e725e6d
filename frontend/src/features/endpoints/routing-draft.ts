/** The routing of a team while somebody changes it: how it is chosen, in which order, and what Bedrock is told. */
import type { Wish } from '../../api/client.ts'
import type { TeamRouting } from '../../api/endpoint-queries.ts'

type Options = TeamRouting['bedrock']
type Body = NonNullable<Wish<'PUT /admin/teams/{id}/endpoints'>['body']>
export type Strategy = TeamRouting['routing_strategy']

export interface RoutingDraft {
  readonly strategy: Strategy
  /** Ids, the first to be tried first. */
  readonly order: readonly string[]
  readonly bedrock: Options
}

export const STRATEGIES: Readonly<Record<Strategy, { readonly title: string; readonly text: string }>> = {
  sticky_user: {
    title: 'Sticky user',
    text: 'Each person stays at one endpoint, where the prompt cache knows them. The usual choice.',
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
  bedrock,
})

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
export const isSame = (a: RoutingDraft, b: RoutingDraft): boolean => same(a, b)

/** Priorities are the places in the list: 1, 2, 3. Options that nobody touched are not sent. */
export const routingBody = (before: RoutingDraft, after: RoutingDraft, rev: number): Body => ({
  routing_strategy: after.strategy,
  endpoints: after.order.map((endpoint_id, at) => ({ endpoint_id, priority: at + 1 })),
  ...(!same(before.bedrock, after.bedrock) && { bedrock: after.bedrock }),
  rev,
})

/** Theirs, with what was changed here over it. */
export const mergedRouting = (base: RoutingDraft, mine: RoutingDraft, theirs: RoutingDraft): RoutingDraft => ({
  strategy: mine.strategy === base.strategy ? theirs.strategy : mine.strategy,
  order: same(mine.order, base.order) ? theirs.order : mine.order,
  bedrock: same(mine.bedrock, base.bedrock) ? theirs.bedrock : mine.bedrock,
})

/** @param by -1 for earlier, 1 for later. At an end it stays. */
export function moved(order: readonly string[], id: string, by: -1 | 1): readonly string[] {
  const from = order.indexOf(id)
  const to = from + by
  if (from < 0 || to < 0 || to >= order.length) return order
  const rest = order.filter((one) => one !== id)
  return [...rest.slice(0, to), id, ...rest.slice(to)]
}
