/** What administrators say of models and beta flags of an endpoint: by which profile a model is called, which flags are taken. */
import { nameOfModel } from '../models/model-names.ts'
import { Fault } from '../platform/fault.ts'
import { applicationProfileKey, betaOverrideKey } from '../table/core-keys.ts'
import {
  auditOf,
  type ConfigurationTools,
  changeConfiguration,
  endpointOfId,
  type Request,
} from './change-configuration.flow.ts'
import type { AipOverride, ConfiguredEndpoint, SaidOfBeta } from './configuration.ts'
import { aipOverrideItem, betaOverrideItem } from './configuration-items.ts'

const sameModel = (endpoint: ConfiguredEndpoint, model: string | null): AipOverride | undefined =>
  endpoint.aipOverrides.find((one) => one.model === model)

/** @returns `undefined` where the model has one there already */
export async function addAipOverride(
  endpointId: string,
  wish: { readonly modelId: string; readonly arn: string; readonly reason: string | null },
  request: Request,
  tools: ConfigurationTools,
): Promise<AipOverride | undefined> {
  const model = nameOfModel(wish.modelId)
  if (model === null) {
    throw new Fault('invalid_request', 'model_id: must name a model of Claude, such as claude-sonnet-4-5')
  }
  return changeConfiguration(tools, (seen) => {
    const endpoint = endpointOfId(seen, endpointId)
    if (sameModel(endpoint, model) !== undefined) return { result: undefined }
    const { arn, reason } = wish
    const override = { model, arn, setAt: request.at, setBy: request.caller.email, reason }
    const detail = { model_id: model, aip_arn: arn, reason }
    const audit = auditOf('aip-override.created', `endpoint:${endpointId}`, detail, request, tools)
    return {
      change: { at: request.at, puts: [aipOverrideItem(endpointId, override)], audit },
      result: override,
    }
  })
}

export async function removeAipOverride(
  endpointId: string,
  modelId: string,
  request: Request,
  tools: ConfigurationTools,
): Promise<void> {
  await changeConfiguration(tools, (seen) => {
    const override = sameModel(endpointOfId(seen, endpointId), nameOfModel(modelId))
    if (override === undefined) throw new Fault('not_found', 'AIP override not found for this model')
    const detail = { model_id: override.model, aip_arn: override.arn }
    const audit = auditOf('aip-override.deleted', `endpoint:${endpointId}`, detail, request, tools)
    const deletes = [applicationProfileKey(endpointId, override.model)]
    return { change: { at: request.at, deletes, audit }, result: undefined }
  })
}

export type BetaWish = Pick<SaidOfBeta, 'profile' | 'beta' | 'supported' | 'reason'>

/** Said again, the last word holds. */
export async function setBetaOverride(
  endpointId: string,
  wish: BetaWish,
  request: Request,
  tools: ConfigurationTools,
): Promise<SaidOfBeta> {
  const override: SaidOfBeta = { ...wish, setAt: request.at, setBy: request.caller.email }
  return changeConfiguration(tools, (seen) => {
    endpointOfId(seen, endpointId, `Endpoint '${endpointId}' not found`)
    const detail = { profile_id: wish.profile, beta_name: wish.beta, supported: wish.supported, reason: wish.reason }
    const audit = auditOf('beta-override.set', `endpoint:${endpointId}`, detail, request, tools)
    return { change: { at: request.at, puts: [betaOverrideItem(endpointId, override)], audit }, result: override }
  })
}

export async function removeBetaOverride(
  endpointId: string,
  { profile, beta }: Pick<SaidOfBeta, 'profile' | 'beta'>,
  request: Request,
  tools: ConfigurationTools,
): Promise<void> {
  await changeConfiguration(tools, (seen) => {
    const endpoint = seen.endpoints.find(({ id }) => id === endpointId)
    const override = endpoint?.betaOverrides.find((one) => one.profile === profile && one.beta === beta)
    if (override === undefined) {
      throw new Fault('not_found', `No override found for endpoint=${endpointId} profile=${profile} beta=${beta}`)
    }
    const detail = { profile_id: profile, beta_name: beta, supported: override.supported }
    const audit = auditOf('beta-override.deleted', `endpoint:${endpointId}`, detail, request, tools)
    const deletes = [betaOverrideKey(endpointId, profile, beta)]
    return { change: { at: request.at, deletes, audit }, result: undefined }
  })
}
