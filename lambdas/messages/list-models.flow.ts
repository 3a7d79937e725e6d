/** GET /v1/models: the Claude models this gateway's account and region offer, as `watch` last found them, under Anthropic's names. */
import { admit, refusalOf } from '../admission/admit.ts'
import type { AllowanceStore } from '../admission/allowance.store.ts'
import { readCredential } from '../admission/credential.ts'
import { displayNameOf, nameOfBedrockId, targetOf } from '../models/model-names.ts'
import type { OfferedModels } from '../models/offered-models.store.ts'
import { Fault } from '../platform/fault.ts'
import { identify, orUnavailable } from './identify.flow.ts'

export interface ListModelsTools {
  readonly allowances: AllowanceStore
  readonly offered: OfferedModels
  readonly endpointId: string
  readonly inferenceProfilePrefix: string
}

/** Shape: Anthropic API reference, "List models". */
export interface ModelInfo {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
}

export interface ModelList {
  readonly data: readonly ModelInfo[]
  readonly has_more: false
  readonly first_id: string | null
  readonly last_id: string | null
}

/** Bedrock does not tell when a model appeared; clients want a date, and sort by id. */
const UNKNOWN_DATE = '2025-01-01T00:00:00Z'

/** @throws Fault */
export async function listModels(headers: Headers, tools: ListModelsTools): Promise<ModelList> {
  const { allowance } = await identify(readCredential(headers), tools.allowances)
  const verdict = admit(allowance)
  if (!verdict.admitted) throw refusalOf(verdict)

  const names = namesOf(await orUnavailable(tools.offered.read(tools.endpointId)), tools.inferenceProfilePrefix)
  return {
    data: names.map((id) => ({ type: 'model', id, display_name: displayNameOf(id), created_at: UNKNOWN_DATE })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }
}

/** One of the list, by its id or by a name that means the same model: with a date, or with the mark of the long window. @throws Fault */
export async function findModel(headers: Headers, id: string, tools: ListModelsTools): Promise<ModelInfo> {
  const { data } = await listModels(headers, tools)
  const found = data.find((model) => model.id === id) ?? data.find((model) => model.id === nameMeantBy(id, tools))
  if (found === undefined) throw new Fault('not_found', `The model "${id.slice(0, 100)}" is not offered to you.`)
  return found
}

function nameMeantBy(id: string, { inferenceProfilePrefix }: ListModelsTools): string | undefined {
  try {
    return targetOf(id, inferenceProfilePrefix).name
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}

function namesOf(profileIds: readonly string[], prefix: string): readonly string[] {
  const ours = profileIds.filter((id) => id.startsWith(`${prefix}.`))
  const names = ours.flatMap((id) => nameOfBedrockId(id) ?? [])
  return [...new Set(names)].sort()
}
