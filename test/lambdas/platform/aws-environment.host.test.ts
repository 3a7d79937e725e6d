import { expect, test } from 'vitest'
import { configuredUrlOf, ownRegion } from '../../../lambdas/platform/aws-environment.host.ts'

test.each([
  [{}, undefined],
  [{ AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://own' }, 'http://own'],
  [{ AWS_ENDPOINT_URL: 'http://all' }, 'http://all'],
  [{ AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://own' }, 'http://own'],
  [{ AWS_ENDPOINT_URL_BEDROCK_RUNTIME: '' }, undefined],
  [{ AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://own', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, undefined],
])('%j tells a service at %s', (variables, url) => expect(configuredUrlOf('BEDROCK_RUNTIME', variables)).toBe(url))

test.each([
  [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
  [{ AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
])('%j is the region %s', (variables, region) => expect(ownRegion(variables)).toBe(region))

test('a gateway that does not know its region does not start', () => expect(() => ownRegion({})).toThrow('AWS_REGION'))
