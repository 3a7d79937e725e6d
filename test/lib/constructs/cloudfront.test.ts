import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadViewerFunction } from '../../../local/distribution/viewer-function.ts'

const load = (file: string) =>
  loadViewerFunction(
    readFileSync(fileURLToPath(new URL(`../../../lib/constructs/cloudfront/${file}`, import.meta.url)), 'utf8'),
  )

describe('on the way to a function', () => {
  const run = load('to-function.js')
  test('the name the viewer used travels along; one he made up himself is replaced', () => {
    const headers = { host: 'gateway.example', 'x-gateway-host': 'evil.example', accept: '*/*' }
    expect(run({ method: 'POST', uri: '/v1/messages', headers })).toEqual({
      kind: 'request',
      uri: '/v1/messages',
      headers: { ...headers, 'x-gateway-host': 'gateway.example' },
    })
  })
  test.each(['GET', 'HEAD'])('%s / leads to the portal', (method) => {
    expect(run({ method, uri: '/', headers: { host: 'h' } })).toMatchObject({
      kind: 'response',
      status: 302,
      headers: { location: '/portal/' },
    })
  })
  test('POST / goes on: a client that means the API gets the API’s answer', () => {
    expect(run({ method: 'POST', uri: '/', headers: { host: 'h' } })).toMatchObject({ kind: 'request' })
  })
})

describe('on the way to the portal', () => {
  const run = load('to-portal.js')
  test.each([
    ['/portal/', '/portal/index.html'],
    ['/portal/keys', '/portal/index.html'],
    ['/portal/keys/abc', '/portal/index.html'],
    ['/portal/style.css', '/portal/style.css'],
    ['/portal/assets/app.1a2b.js', '/portal/assets/app.1a2b.js'],
  ])('%s is the file %s', (uri, file) => {
    expect(run({ method: 'GET', uri, headers: {} })).toMatchObject({ kind: 'request', uri: file })
  })
  test('/portal gets its slash, so that relative links hold', () => {
    expect(run({ method: 'GET', uri: '/portal', headers: {} })).toMatchObject({
      kind: 'response',
      headers: { location: '/portal/' },
    })
  })
})
