/**
 * Where a request may go, in the order in which it is tried. All of it is the same model: another one would not take the thinking
 * blocks of the conversation. A team's requests go to its own endpoints and nowhere else, even when none of them answers.
 */
import { createHash } from 'node:crypto'
import { type AskedModel, type FoundModel, findModel, type ModelTarget, unknownModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { RoutedEndpoint, Routing, TeamRouting } from './routing.ts'

export interface Target {
  readonly endpoint: RoutedEndpoint
  readonly model: ModelTarget
  /** The endpoint's list is known and the model is not on it: a newer one, or a caller's guess. */
  readonly isUnlisted: boolean
}

export interface RouteQuestion {
  readonly asked: AskedModel
  readonly routing: Routing
  /** `null`: the payer has no team. */
  readonly team: TeamRouting | null
  /** Whose prompt cache it is: the session, where the client names one, else the identity. */
  readonly subject: string
  /** The endpoint that last answered this subject for this model when its first choice could not. */
  readonly affinity: string | null
  /** Grows by one with each request of this environment: whose turn it is. */
  readonly turn: number
  /** Whether this environment has just met trouble there with this model. */
  readonly isTroubled: (endpointId: string, model: string) => boolean
}

/** @throws Fault `no_endpoint` where nobody is there to ask, `model_refused` where nobody there has the model. */
export function planRoute(question: RouteQuestion): readonly [Target, ...Target[]] {
  const candidates = candidatesOf(question.routing, question.team)
  if (candidates.length === 0) throw noEndpoint(question.team)
  const offers = offersOf(question.asked, candidates)
  if (offers.length === 0) throw notOffered(question)
  const [first, ...rest] = inOrder(offers, question)
  if (first === undefined) throw notOffered(question)
  return [first, ...rest]
}

export interface Candidate {
  readonly endpoint: RoutedEndpoint
  /** The team's own priority for it, then the endpoint's. */
  readonly rank: readonly [number, number]
}

/** The endpoints that a team's requests may go to, or those of nobody's team, the first choice first. */
export function candidatesOf(routing: Routing, team: TeamRouting | null): readonly Candidate[] {
  if (team === null || team.endpoints.length === 0) {
    const standing = routing.endpoints.find(({ id, enabled }) => id === routing.defaultId && enabled)
    return standing === undefined ? [] : [{ endpoint: standing, rank: [0, 0] }]
  }
  return team.endpoints
    .flatMap(({ id, priority }): Candidate[] => {
      const endpoint = routing.endpoints.find((one) => one.id === id && one.enabled)
      return endpoint === undefined ? [] : [{ endpoint, rank: [priority, endpoint.priority] }]
    })
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || (a.endpoint.id < b.endpoint.id ? -1 : 1))
}

interface Offer extends Candidate {
  readonly found: FoundModel
}

/** A model that somebody lists is asked of those alone; one that nobody lists may be newer than every list, and is asked of all. */
function offersOf(asked: AskedModel, candidates: readonly Candidate[]): readonly Offer[] {
  const offers = candidates.flatMap((candidate): Offer[] => {
    const found = findModel(asked, candidate.endpoint)
    return found === null ? [] : [{ ...candidate, found }]
  })
  const likely = offers.filter(({ found }) => found.offered !== 'unlisted')
  return likely.length > 0 ? likely : offers
}

function inOrder(offers: readonly Offer[], question: RouteQuestion): readonly Target[] {
  const { asked, isTroubled } = question
  const name = asked.name ?? asked.stem
  // The sort keeps the order of those that are alike. The unhealthy are asked last, not never: the mark may be wrong, and they are the team's own.
  const standing = ({ endpoint, found }: Offer): number =>
    (endpoint.health === 'unhealthy' ? 2 : 0) + (isTroubled(endpoint.id, found.target.name) ? 1 : 0)
  return byStrategy(offers, question, name)
    .toSorted((a, b) => standing(a) - standing(b))
    .map(({ endpoint, found }) => ({ endpoint, model: found.target, isUnlisted: found.offered === 'unlisted' }))
}

function byStrategy(
  offers: readonly Offer[],
  { team, subject, affinity, turn }: RouteQuestion,
  name: string,
): readonly Offer[] {
  switch (team?.strategy) {
    case 'round_robin': {
      const start = turn % offers.length
      return [...offers.slice(start), ...offers.slice(0, start)]
    }
    case 'sticky_user': {
      // Those of one rank share their people by a hash that every environment computes alike; nothing has to be remembered for it.
      const spread = offers.toSorted(
        (a, b) =>
          a.rank[0] - b.rank[0] ||
          a.rank[1] - b.rank[1] ||
          draw(subject, name, b.endpoint.id) - draw(subject, name, a.endpoint.id),
      )
      return spread.toSorted((a, b) => Number(b.endpoint.id === affinity) - Number(a.endpoint.id === affinity))
    }
    default:
      return offers
  }
}

/** Highest draw wins (rendezvous hashing): when an endpoint leaves, only its own people move. */
const draw = (subject: string, model: string, endpointId: string): number =>
  createHash('sha256').update(`${subject}\n${model}\n${endpointId}`).digest().readUInt32BE(0)

function noEndpoint(team: TeamRouting | null): Fault {
  const whose = team !== null && team.endpoints.length > 0 ? 'of your team is enabled' : 'is set as the default'
  return new Fault('no_endpoint', `No endpoint ${whose}. Ask the administrator of this gateway.`, {
    retryAfterSeconds: RETRY_SECONDS,
  })
}

/** Somebody has to change a setting; a client that waits longer than a minute gives up instead. */
const RETRY_SECONDS = 30

function notOffered({ asked, team }: RouteQuestion): Fault {
  if (team === null || team.endpoints.length === 0) return unknownModel(asked.requested)
  return new Fault(
    'model_refused',
    `None of your team's endpoints offers the model "${asked.requested.slice(0, 100)}". Choose another one with /model, or ask the administrator of this gateway.`,
  )
}
