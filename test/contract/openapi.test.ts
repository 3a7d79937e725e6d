import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openApiDocument } from '../../contract/openapi.ts'
import { nameOfRoute } from '../../contract/route.ts'
import { controlRoutes } from '../../contract/routes.ts'

// biome-ignore lint/suspicious/noExplicitAny: the document is JSON for strangers; the test reads it as they do.
const document: any = JSON.parse(JSON.stringify(openApiDocument(controlRoutes, '1')))

test('the document is valid OpenAPI 3.1', async () => {
  expect(await new Validator().validate(document)).toEqual({ valid: true })
  // A validator that takes everything would be content with this too.
  const { openapi: _, ...headless } = document
  expect(await new Validator().validate({ ...headless, openapi: '3.1.0', paths: { keys: {} } })).toMatchObject({
    valid: false,
  })
})

test('no two routes are the same', () => {
  expect(new Set(controlRoutes.map(nameOfRoute)).size).toBe(controlRoutes.length)
})

test.each(controlRoutes.map((route) => [nameOfRoute(route), route] as const))(
  '%s is described whole',
  (_name, route) => {
    const operation = document.paths[route.path][route.method.toLowerCase()]
    expect(operation.summary).toMatch(/\.$/)
    expect(operation.security).toHaveLength(route.access === 'public' ? 0 : 3)
    const inPath = operation.parameters
      .filter((one: { in: string }) => one.in === 'path')
      .map((one: { name: string }) => one.name)
    expect(inPath).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined)
    for (const status of Object.keys(route.responses))
      expect(operation.responses[status].description).not.toBe('Answer')
    if (route.access !== 'public')
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403']))
  },
)

test('every body refuses unknown members', () => {
  for (const { body } of controlRoutes)
    if (body) expect(z.toJSONSchema(body, { io: 'input' }).additionalProperties).toBe(false)
})
