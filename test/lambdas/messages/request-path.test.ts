import { expect, test } from 'vitest'
import { routePathOf } from '../../../lambdas/messages/request-path.ts'

test.each([
  ['/v1/messages', '/v1/messages'],
  ['/v1/messages/', '/v1/messages'],
  ['//v1/messages', '/v1/messages'],
  ['/v1//messages//', '/v1/messages'],
  ['/v1/v1/messages', '/v1/messages'],
  ['/v1/v1/messages/count_tokens', '/v1/messages/count_tokens'],
  ['/v1/v1/models', '/v1/models'],
  ['/v1/api/hello', '/api/hello'],
  ['/', '/'],
  ['//', '/'],
  ['/v1/v1/v1/messages', '/v1/v1/messages'],
  ['/v12/v1/messages', '/v12/v1/messages'],
  ['/model/arn:aws:bedrock:a//b/invoke', '/model/arn:aws:bedrock:a//b/invoke'],
])('%s is routed as %s', (path, routed) => {
  expect(routePathOf(path)).toBe(routed)
})
