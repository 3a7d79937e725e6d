/** The way a request takes: the plan of its targets, and everything that is the same for each of them. */
import type { Allowance, Payer } from '../admission/allowance.ts'
import type { LearnedStore } from '../bedrock/learned.store.ts'
import type { SharedLearning } from '../bedrock/shared-learning.flow.ts'
import { AFFINITY_KEPT_MS } from '../endpoints/affinity.ts'
import { planRoute, type Target } from '../endpoints/plan-route.ts'
import type { Errand, Planned, ReachTools } from '../endpoints/reach.flow.ts'
import type { CurrentRouting } from '../endpoints/routing.store.ts'
import type { AskedModel } from '../models/model-names.ts'
import type { Instant } from '../platform/instant.ts'
import type { MessageRequest } from './message-request.ts'

export interface RouteTools extends ReachTools {
  readonly routing: CurrentRouting
  readonly learned: LearnedStore
  readonly sharing: SharedLearning
  /** Grows by one with each call: whose turn it is among a team's endpoints. */
  nextTurn(): number
}

export interface RoutedRequest {
  readonly asked: MessageRequest
  readonly names: AskedModel
  readonly allowance: Allowance
  readonly payer: Payer
  readonly at: Instant
  readonly headers: Headers
}

export interface Route {
  readonly errand: Omit<Planned, 'now'>
  /** Where an endpoint has answered that was not the first choice, the session stays with it while its prompt cache is warm there. */
  noteAnswer(by: Target, errand: Pick<Errand, 'now' | 'later'>): void
}

/** Begins to read what a way is planned with, while nobody waits for it yet. */
export function warmRoutes({ routing, sharing }: RouteTools, at: Instant): void {
  routing.warm()
  sharing.refresh(at)
}

/** @throws Fault where there is no way, and what the SDK throws */
export async function routeOf(request: RoutedRequest, tools: RouteTools): Promise<Route> {
  const { asked, names, allowance, payer, at, headers } = request
  const [routing] = await Promise.all([tools.routing.at(allowance.endpointsVersion), tools.sharing.begun()])
  const team = allowance.team?.routing ?? null
  const { affinity } = allowance
  const question = {
    asked: names,
    routing,
    team,
    subject: asked.sessionId ?? payer.identity,
    affinity: affinity?.endpointId ?? null,
    turn: tools.nextTurn(),
  }
  const targets = planRoute({
    ...question,
    isTroubled: (endpointId, model) => tools.breaker.isOpen(endpointId, model, at),
  })
  // What this environment alone has met is no first choice of the others, who would take the session back from its warm cache.
  const firstChoice = (): Target => planRoute({ ...question, isTroubled: () => false })[0]
  const isRemembered = (by: Target): boolean =>
    affinity === null
      ? by.endpoint.id === firstChoice().endpoint.id
      : by.endpoint.id === affinity.endpointId && affinity.until - at > AFFINITY_KEPT_MS / 2
  const sticks = team !== null && team.strategy === 'sticky_user' && team.endpoints.length > 1
  return {
    errand: {
      targets,
      asked: {
        utf8: asked.utf8,
        body: asked.body,
        betaHeader: headers.get('anthropic-beta'),
        longContext: names.longContext,
        stream: asked.stream,
      },
      model: asked.model,
      anthropicVersion: versionIn(headers),
      teamOptions: team?.options ?? null,
      attribution: {
        teamId: payer.teamId,
        identity: payer.identity,
        keyId: payer.keyId,
        sessionId: asked.sessionId,
      },
      rules: routing.rules,
    },
    noteAnswer(by, { now, later }) {
      if (!sticks || isRemembered(by)) return
      const { identity } = payer
      // By the name that the next request asks with; of an application inference profile its ARN.
      const model = names.name ?? names.stem
      later(
        tools.traces.noteAffinity(
          { identity, session: asked.sessionId ?? '', model, endpointId: by.endpoint.id },
          now(),
        ),
      )
    },
  }
}

/** Other letters would break the signature of the request, and AWS's refusal look like the endpoint's fault. */
const VERSION = /^\d{4}-\d{2}-\d{2}$/

function versionIn(headers: Headers): string | null {
  const version = headers.get('anthropic-version')
  return version !== null && VERSION.test(version) ? version : null
}
