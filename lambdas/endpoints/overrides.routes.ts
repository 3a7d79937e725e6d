/** Overrides of endpoints: application inference profiles by model, words on beta flags. */
import * as contract from '../../contract/endpoints.ts'
import { type Operation, operation } from '../http/operation.ts'
import { type ConfigurationTools, endpointOfId } from './change-configuration.flow.ts'
import { aipRow, betaRow } from './endpoint-rows.ts'
import { addAipOverride, removeAipOverride, removeBetaOverride, setBetaOverride } from './overrides.flow.ts'

export const overrideOperations = (tools: ConfigurationTools): readonly Operation[] => [
  ...profiles(tools),
  ...betas(tools),
]

const TAKEN = {
  type: 'error',
  error: {
    type: 'conflict',
    message: 'An AIP override for this (endpoint_id, model_id) pair already exists',
  },
} as const

const profiles = (tools: ConfigurationTools): readonly Operation[] => [
  operation(contract.listAipOverrides)(async ({ params: { id } }) => {
    const { aipOverrides } = endpointOfId(await tools.configuration.load(), id)
    return { status: 200, body: { overrides: aipOverrides.map((one) => aipRow(id, one)) } }
  }),
  operation(contract.createAipOverride)(async ({ params: { id }, body, ...request }) => {
    const wish = { modelId: body.model_id, arn: body.aip_arn, reason: body.reason ?? null }
    const override = await addAipOverride(id, wish, request, tools)
    return override === undefined ? { status: 409, body: TAKEN } : { status: 201, body: aipRow(id, override) }
  }),
  operation(contract.deleteAipOverride)(async ({ params: { id, model_id }, ...request }) => {
    await removeAipOverride(id, model_id, request, tools)
    return { status: 200, body: { deleted: true } }
  }),
]

const betas = (tools: ConfigurationTools): readonly Operation[] => [
  operation(contract.listBetaOverrides)(async () => {
    const { endpoints } = await tools.configuration.load()
    const overrides = endpoints.flatMap(({ id, betaOverrides }) => betaOverrides.map((one) => betaRow(id, one)))
    return { status: 200, body: { overrides } }
  }),
  operation(contract.setBetaOverride)(async ({ body, ...request }) => {
    const { endpoint_id: id, profile_id: profile, beta_name: beta, supported, reason = null } = body
    const override = await setBetaOverride(id, { profile, beta, supported, reason }, request, tools)
    return { status: 200, body: betaRow(id, override) }
  }),
  operation(contract.deleteBetaOverride)(async ({ params, ...request }) => {
    const { endpoint_id: id, profile_id: profile, beta_name: beta } = params
    await removeBetaOverride(id, { profile, beta }, request, tools)
    return { status: 200, body: { deleted: true } }
  }),
]
