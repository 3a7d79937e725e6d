/** The OpenAPI 3.1 document of the control plane, made from the routes. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { type Access, type Route, route } from './route.ts'

export const openApi = route({
  method: 'GET',
  path: '/admin/openapi.json',
  access: 'any',
  summary: 'This document.',
  responses: { 200: z.looseObject({ openapi: z.literal('3.1.0'), paths: z.looseObject({}) }) },
})

type Json = Record<string, unknown>

export function openApiDocument(routes: readonly Route[], version: string) {
  const paths: Record<string, Json> = {}
  for (const one of routes) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one) }
  }
  return {
    openapi: '3.1.0' as const,
    info: { title: 'Claude Code Gateway: control plane', version },
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A session token.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'A session token.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-session',
          description: 'Set by signing in. Writes also need an Origin of the same host and a JSON content type.',
        },
      },
    },
    paths,
  }
}

const CREDENTIALS = [{ key: [] }, { bearer: [] }, { cookie: [] }]

function operationOf(one: Route): Json {
  return {
    summary: one.summary,
    'x-access': one.access,
    security: one.access === 'public' ? [] : CREDENTIALS,
    parameters: [...parametersOf('path', one.params), ...parametersOf('query', one.query)],
    ...(one.body && { requestBody: { required: true, content: jsonOf(one.body, 'input') } }),
    responses: Object.fromEntries(
      Object.entries({ ...refusalsOf(one), ...one.responses }).map(([status, schema]) => [
        status,
        {
          description: descriptionOf(Number(status)),
          ...(status !== NO_CONTENT && { content: answerOf(one, Number(status), schema) }),
        },
      ]),
    ),
  }
}

const NO_CONTENT = '204'

const MEANINGS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  204: 'Done; there is nothing to tell',
  400: 'The request is malformed; the message names the field',
  401: 'No credential, or one that is not valid',
  403: 'Known, but not allowed',
  404: 'Not found',
  409: 'In conflict with what exists',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'Too often',
  502: 'AWS refused, or did not answer',
  503: 'The database does not answer',
}

const descriptionOf = (status: number): string => MEANINGS[status] ?? 'Answer'

const BY_ACCESS: Readonly<Record<Access, readonly number[]>> = { public: [], any: [401, 403], admin: [401, 403] }

/** What every route of this kind can answer, without its saying so. */
function refusalsOf(one: Route): Record<number, z.ZodType> {
  const statuses = [
    ...BY_ACCESS[one.access],
    ...(one.body || one.query || one.params ? [400] : []),
    ...(one.body ? [413, 415] : []),
    ...(one.path === '/health/deep' ? [] : [503]),
  ]
  return Object.fromEntries(statuses.map((status) => [status, AdminError]))
}

function answerOf(one: Route, status: number, schema: z.ZodType): Json {
  if (one.answersIn === undefined || one.answersIn === 'json' || status >= 400) return jsonOf(schema, 'output')
  return { [one.answersIn === 'csv' ? 'text/csv' : 'text/plain']: { schema: schemaOf(schema, 'output') } }
}

function jsonOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  return { 'application/json': { schema: schemaOf(schema, io) } }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one,
  }))
}
