import { expect, test } from 'vitest'
import { loadViewerFunction } from '../../../local/distribution/viewer-function.ts'

const request = {
  method: 'GET',
  uri: '/v1/models',
  headers: { host: 'gateway.example', 'x-a': 'b', cookie: 'session=1', accept: undefined },
}

test('the function sees CloudFront’s event: one value an object, no cookies among the headers', () => {
  const show = loadViewerFunction(
    `function handler(event) { return { statusCode: 200, headers: { told: { value: JSON.stringify(event) } } } }`,
  )
  const outcome = show(request)
  expect(outcome.kind).toBe('response')
  expect(JSON.parse(outcome.headers.told ?? '')).toMatchObject({
    version: '1.0',
    context: { eventType: 'viewer-request' },
    request: {
      method: 'GET',
      uri: '/v1/models',
      headers: { host: { value: 'gateway.example' }, 'x-a': { value: 'b' } },
    },
  })
  expect(JSON.parse(outcome.headers.told ?? '').request.headers).not.toHaveProperty('cookie')
})

test('a request that it returns is the one that goes on', () => {
  const rewrite = loadViewerFunction(`function handler(event) {
    event.request.uri = '/other'
    event.request.headers['x-gateway-host'] = { value: event.request.headers.host.value }
    return event.request
  }`)
  expect(rewrite(request)).toMatchObject({
    kind: 'request',
    uri: '/other',
    headers: { 'x-gateway-host': 'gateway.example', 'x-a': 'b' },
  })
})

test('what one request leaves behind in it is not seen in the values of the next', () => {
  const echo = loadViewerFunction(`function handler(event) { return event.request }`)
  echo({ ...request, headers: { host: 'a', secret: 's' } })
  expect(echo({ ...request, headers: { host: 'b' } }).headers).toEqual({ host: 'b' })
})

test('it has neither the process nor the network of this machine', () => {
  const look = loadViewerFunction(
    `function handler() { return { statusCode: 200, headers: { told: { value: typeof process + typeof fetch + typeof require } } } }`,
  )
  expect(look(request).headers.told).toBe('undefinedundefinedundefined')
})

test('one that never ends is ended', () => {
  const loop = loadViewerFunction('function handler() { for (;;); }')
  expect(() => loop(request)).toThrow(/timed out/)
})
