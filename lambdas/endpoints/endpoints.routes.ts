/** `/admin/endpoints`, but for the overrides */
import * as contract from '../../contract/endpoints.ts'
import { type Operation, operation } from '../http/operation.ts'
import { type AwsTools, listModels, readQuotas, remember, type TestResult, testEndpoint } from './ask-aws.flow.ts'
import { detailsRow, endpointRow, legacyProfileOf, modelRow, quotasRow } from './endpoint-rows.ts'
import { blankEndpoint, wished } from './endpoint-wish.ts'
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type EndpointTools,
  type KnownEndpoint,
  listEndpoints,
  readEndpoint,
  setDefault,
} from './manage-endpoints.flow.ts'
import type { OwnPlace } from './read-routing.ts'

/** Where the gateway itself is, and in whose account. */
export interface Home extends OwnPlace {
  readonly accountId: string
  /** Of the roles that it may assume: one, or a pattern with `*`. */
  readonly roleNames: string
}

type Tools = EndpointTools & AwsTools

export const endpointOperations = (tools: Tools, home: Home): readonly Operation[] => [
  // `/test` before `/{id}`, which would take it for an id.
  ...asking(tools),
  ...managing(tools, home),
]

/** Of a field that goes; the day is the one that the gateway we follow announces. */
const DEPRECATED = { deprecation: 'true', sunset: 'Fri, 01 Jan 2027 00:00:00 GMT' }

const warned = (arn: string | null | undefined) => (arn === null || arn === undefined ? {} : { headers: DEPRECATED })

function managing(tools: Tools, home: Home): readonly Operation[] {
  return [
    operation(contract.listEndpoints)(async () => ({
      status: 200,
      body: {
        endpoints: (await listEndpoints(tools)).map(endpointRow),
        gateway: {
          account_id: home.accountId,
          role_names: home.roleNames,
          region: home.region,
          routing_prefix: home.routingPrefix,
        },
      },
    })),
    operation(contract.createEndpoint)(async ({ body, ...request }) => ({
      status: 201,
      body: detailsRow(await createEndpoint(body, request, tools)),
      ...warned(body.inference_profile_arn),
    })),
    operation(contract.readEndpoint)(async ({ params }) => {
      const known = await readEndpoint(params.id, tools)
      return { status: 200, body: detailsRow(known), ...warned(legacyProfileOf(known.endpoint)) }
    }),
    operation(contract.replaceEndpoint)(async ({ params, body: { rev, ...wish }, ...request }) => {
      await changeEndpoint(params.id, { wish, rev }, request, tools)
      return { status: 200, body: { updated: true } }
    }),
    operation(contract.changeEndpoint)(async ({ params, body: { rev, ...wish }, ...request }) => ({
      status: 200,
      body: detailsRow(await changeEndpoint(params.id, { wish, rev }, request, tools)),
    })),
    operation(contract.deleteEndpoint)(async ({ params, ...request }) => {
      await deleteEndpoint(params.id, request, tools)
      return { status: 200, body: { deleted: true } }
    }),
    operation(contract.setDefaultEndpoint)(async ({ params, ...request }) => {
      await setDefault(params.id, request, tools)
      return { status: 200, body: { updated: true } }
    }),
  ]
}

function asking(tools: Tools): readonly Operation[] {
  const known = async (id: string): Promise<KnownEndpoint['endpoint']> => (await readEndpoint(id, tools)).endpoint
  return [
    operation(contract.testNewEndpoint)(async ({ body, at }) => {
      const endpoint = wished(blankEndpoint(tools.newId(), at), body)
      return { status: 200, body: testRow(await testEndpoint(endpoint, at, tools)) }
    }),
    operation(contract.testEndpoint)(async ({ params, at }) => {
      const endpoint = await known(params.id)
      const result = await testEndpoint(endpoint, at, tools)
      if (isPassed(result)) await remember(endpoint, result.profiles, at, tools)
      return { status: 200, body: testRow(result) }
    }),
    operation(contract.readEndpointQuotas)(async ({ params, at }) => ({
      status: 200,
      body: quotasRow(await readQuotas(await known(params.id), at, tools)),
    })),
    operation(contract.readEndpointModels)(async ({ params, at }) => {
      const endpoint = await known(params.id)
      const models = await listModels(endpoint, tools)
      await remember(endpoint, models, at, tools)
      return {
        status: 200,
        body: {
          endpoint_id: endpoint.id,
          endpoint_name: endpoint.name,
          models: models.map(modelRow),
          model_count: models.length,
        },
      }
    }),
  ]
}

const isPassed = ({ checks }: TestResult): boolean =>
  checks.every(({ required, status }) => !required || status === 'passed')

const testRow = (result: TestResult) => ({
  ok: isPassed(result),
  checks: result.checks.map((check) => ({ ...check })),
  models: result.profiles.map(modelRow),
  model_count: result.profiles.length,
})
