/** How the requests of a team are routed, as attributes of the team's item. */
import * as z from 'zod/mini'
import { optionAttributes, optionsOf } from './bedrock-options.ts'
import { type BedrockOptions, NO_OPTIONS } from './endpoint.ts'

export const ROUTING_STRATEGIES = ['primary_fallback', 'sticky_user', 'round_robin'] as const
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number]

export interface TeamRouting {
  /** In no order; the lower the priority, the earlier. Empty: the default endpoint. */
  readonly endpoints: readonly { readonly id: string; readonly priority: number }[]
  readonly strategy: RoutingStrategy
  readonly options: BedrockOptions
  /** 0 until it was first set. */
  readonly rev: number
}

const Attributes = z.object({
  endpoints: z._default(z.array(z.object({ id: z.string(), priority: z.number() })), []),
  // A strategy that a later version knows is none that this one could follow.
  routing_strategy: z.catch(z.enum(ROUTING_STRATEGIES), 'sticky_user'),
  bedrock_options: z.optional(z.nullable(z.object(optionAttributes))),
  routing_rev: z._default(z.number(), 0),
})

export function readTeamRouting(team: Readonly<Record<string, unknown>>): TeamRouting {
  const { endpoints, routing_strategy, bedrock_options, routing_rev } = Attributes.parse(team)
  return {
    endpoints,
    strategy: routing_strategy,
    options: bedrock_options ? optionsOf(bedrock_options) : NO_OPTIONS,
    rev: routing_rev,
  }
}
