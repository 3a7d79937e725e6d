/** GET /v1/models: the Claude models that this caller's endpoints offer, as `watch` last found them, under Anthropic's names. */
import { admitForFree } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { readCredential } from '../admission/credential.ts'
import { refusalOf } from '../admission/refusal.ts'
import { offeredModels } from '../endpoints/offered-models.ts'
import { candidatesOf } from '../endpoints/plan-route.ts'
import { limitsOf, type ModelCapabilities } from '../models/capabilities.ts'
import { displayNameOf, familyOf, readModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { identify, orUnavailable } from './identify.flow.ts'
import { type RouteTools, warmRoutes } from './route-request.flow.ts'

export interface ListModelsTools {
  readonly allowances: AllowanceStore
  readonly routes: RouteTools
}

/** Shape: Anthropic API reference, "List models". What Bedrock does not tell is null. */
export interface ModelInfo {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly capabilities: ModelCapabilities | null
  readonly max_input_tokens: number | null
  readonly max_tokens: number | null
  readonly line: string | null
  readonly lifecycle: 'active'
  readonly deprecated_at: null
  readonly retires_at: null
}

export interface ModelList {
  readonly data: readonly ModelInfo[]
  readonly has_more: false
  readonly first_id: string | null
  readonly last_id: string | null
}

/** @throws Fault */
export async function listModels(headers: Headers, at: Instant, tools: ListModelsTools): Promise<ModelList> {
  const data = await modelsOf(headers, at, tools)
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** One of the list, by its id or by a name that means the same model: with a date, or a mark in brackets. @throws Fault `not_found` */
export async function findModel(headers: Headers, id: string, at: Instant, tools: ListModelsTools): Promise<ModelInfo> {
  const data = await modelsOf(headers, at, tools)
  const found = data.find((model) => model.id === id) ?? data.find((model) => model.id === nameMeantBy(id))
  if (found === undefined) throw new Fault('not_found', `The model "${id.slice(0, 100)}" is not offered to you.`)
  return found
}

function nameMeantBy(id: string): string | null {
  try {
    return readModel(id).name
  } catch (thrown) {
    if (thrown instanceof Fault) return null
    throw thrown
  }
}

async function modelsOf(headers: Headers, at: Instant, tools: ListModelsTools): Promise<readonly ModelInfo[]> {
  const credential = readCredential(headers)
  warmRoutes(tools.routes, at)
  const { allowance } = await identify(credential, tools.allowances, { at, spending: false })
  const verdict = admitForFree(allowance, at)
  if (!verdict.admitted) throw refusalOf(verdict, at)

  const { routing: current, memory, sharing } = tools.routes
  const routing = await orUnavailable(current.at(allowance.endpointsVersion))
  await sharing.begun()
  const endpoints = candidatesOf(routing, allowance.team?.routing ?? null).map(({ endpoint }) => endpoint)
  return offeredModels(endpoints, (endpoint, model, thing) =>
    memory.knowledgeOf(endpoint, model, model, routing.rules, at).accepted.has(thing),
  )
    .filter(({ name }) => admitForFree(allowance, at, name).admitted)
    .map(infoOf)
}

/** Bedrock does not tell when a model appeared; clients want a date, and sort by id. */
const UNKNOWN_DATE = '2025-01-01T00:00:00Z'

function infoOf({ id, name, variant }: { id: string; name: string; variant: string | null }): ModelInfo {
  const limits = limitsOf(name)
  const family = familyOf(name)
  return {
    type: 'model',
    id,
    display_name: variant === null ? displayNameOf(name) : `${displayNameOf(name)} (${variant})`,
    created_at: UNKNOWN_DATE,
    capabilities: limits?.capabilities ?? null,
    max_input_tokens: variant === null ? (limits?.maxInputTokens ?? null) : LONG_CONTEXT_TOKENS,
    max_tokens: limits?.maxTokens ?? null,
    line: family === 'other' ? null : family,
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
  }
}

const LONG_CONTEXT_TOKENS = 1_000_000
