import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { GatewayStack } from '../../lib/gateway-stack.ts'

let template: Template

/** Without bundling: what the functions hold is tested where they run. */
function synthesize(context: Record<string, unknown> = {}, reservedConcurrency = false): Template {
  const cdkJson = JSON.parse(readFileSync(fileURLToPath(new URL('../../cdk.json', import.meta.url)), 'utf8'))
  const app = new App({ context: { ...cdkJson.context, ...context, 'aws:cdk:bundling-stacks': [] } })
  return Template.fromStack(
    new GatewayStack(app, 'ClaudeCodeGateway', { inferenceProfilePrefix: 'global', reservedConcurrency }),
  )
}

beforeAll(() => {
  template = synthesize()
})

type Resource = { Properties: Record<string, unknown>; DeletionPolicy?: string }
const all = (type: string) => Object.values(template.findResources(type)) as Resource[]
const tagged = (type: string, key: string, value: string) =>
  all(type).find(({ Properties }) =>
    (Properties.Tags as { Key: string; Value: string }[] | undefined)?.some(
      (tag) => tag.Key === key && tag.Value === value,
    ),
  )

describe('functions', () => {
  test.each([
    ['messages', 1769, 900],
    ['control', 1024, 900],
    ['watch', 512, 300],
    ['prices', 512, 120],
    ['outbox', 512, 60],
  ])('%s runs on Node 24 and arm64, with %i MB and %i s', (name, MemorySize, Timeout) => {
    expect(tagged('AWS::Lambda::Function', 'gateway:function', name)?.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize,
      Timeout,
    })
  })

  test('the URLs of messages and control stream, and anybody may call them: both grants of each', () => {
    template.resourceCountIs('AWS::Lambda::Url', 2)
    template.allResourcesProperties('AWS::Lambda::Url', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' })
    const open = (Action: string, more: object) =>
      all('AWS::Lambda::Permission').filter(({ Properties }) => {
        return (
          Properties.Action === Action &&
          Properties.Principal === '*' &&
          Object.entries(more).every(([k, v]) => Properties[k] === v)
        )
      })
    expect(open('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' })).toHaveLength(2)
    expect(open('lambda:InvokeFunction', { InvokedViaFunctionUrl: true })).toHaveLength(2)
  })

  test('no secret stands in an environment variable, only where it is', () => {
    for (const { Properties } of all('AWS::Lambda::Function')) {
      const variables = JSON.stringify((Properties.Environment as { Variables?: object } | undefined)?.Variables ?? {})
      expect(variables).not.toContain('resolve:secretsmanager')
    }
  })

  test('logs are kept a month', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
  })

  test('environments are reserved for the administrator only where it is asked for', () => {
    const reserved = (from: Template) =>
      Object.values(from.findResources('AWS::Lambda::Function')).flatMap(
        ({ Properties }) => Properties.ReservedConcurrentExecutions ?? [],
      )
    expect(reserved(template)).toEqual([])
    expect(reserved(synthesize({}, true)).sort()).toEqual([1, 1, 10])
  })
})

describe('tables', () => {
  test.each([
    ['core', 3, true],
    ['usage', 1, true],
    ['events', 1, true],
    ['ephemeral', 0, false],
  ])('%s has its keys, %i indexes, a time to live, and is protected: %s', (name, indexes, kept) => {
    const table = tagged('AWS::DynamoDB::Table', 'gateway:table', name)
    expect(table?.Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'PK', KeyType: 'HASH' },
        { AttributeName: 'SK', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      ...(kept && {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    })
    const found = (table?.Properties.GlobalSecondaryIndexes ?? []) as { IndexName: string; Projection: object }[]
    expect(found.map(({ IndexName }) => IndexName)).toEqual(['GSI1', 'GSI2', 'GSI3'].slice(0, indexes))
    expect(table?.DeletionPolicy).toBe(kept ? 'Retain' : 'Delete')
  })

  test('the stream of Events leads to outbox, which may fail in part', () => {
    expect(tagged('AWS::DynamoDB::Table', 'gateway:table', 'events')?.Properties.StreamSpecification).toEqual({
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    })
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
    })
  })
})

test('watch and outbox run each minute, prices each day', () => {
  const expressions = all('AWS::Events::Rule').map(({ Properties }) => Properties.ScheduleExpression)
  expect(expressions.sort()).toEqual(['rate(1 day)', 'rate(1 minute)', 'rate(1 minute)'])
})

test('secrets are generated; none has a default', () => {
  template.resourceCountIs('AWS::SecretsManager::Secret', 3)
  for (const { Properties } of all('AWS::SecretsManager::Secret')) {
    expect(Properties.SecretString).toBeUndefined()
    expect(Properties.GenerateSecretString).toMatchObject({ ExcludePunctuation: true })
  }
})

describe('permissions', () => {
  interface Statement {
    readonly Action: string | string[]
    readonly Resource: unknown
  }
  const statementsOf = (name: string): Statement[] => {
    const lambda = tagged('AWS::Lambda::Function', 'gateway:function', name)
    const [role] = (lambda?.Properties.Role as { 'Fn::GetAtt': string[] } | undefined)?.['Fn::GetAtt'] ?? []
    return all('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(String(role)))
      .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
  }
  const actionsOf = (name: string) => statementsOf(name).flatMap(({ Action }) => Action)

  test('messages calls Claude and nobody else’s model, and never deletes what it may only read', () => {
    const bedrock = statementsOf('messages').filter(({ Action }) => JSON.stringify(Action).includes('bedrock:'))
    expect(bedrock.flatMap(({ Action }) => Action).sort()).toEqual([
      'bedrock:CountTokens',
      'bedrock:InvokeModel',
      'bedrock:InvokeModelWithResponseStream',
    ])
    for (const { Resource } of bedrock)
      for (const one of [Resource].flat()) expect(JSON.stringify(one)).toContain('anthropic.claude')
    expect(actionsOf('messages')).not.toContain('dynamodb:Scan')
  })

  test('nobody has a wildcard but watch, for a listing that has no resource', () => {
    for (const name of ['messages', 'control', 'watch', 'prices', 'outbox']) {
      for (const { Action, Resource } of statementsOf(name)) {
        expect([Action].flat().some((action) => action.endsWith(':*'))).toBe(false)
        if ([Resource].flat().includes('*'))
          expect(Action).toMatch(/^(bedrock:ListInferenceProfiles|dynamodb:ListStreams)$/)
      }
    }
  })

  test('only control reads secrets', () => {
    const readers = ['messages', 'control', 'watch', 'prices', 'outbox'].filter((name) =>
      actionsOf(name).includes('secretsmanager:GetSecretValue'),
    )
    expect(readers).toEqual(['control'])
  })
})

describe('distribution', () => {
  const config = () => all('AWS::CloudFront::Distribution')[0]?.Properties.DistributionConfig as Record<string, unknown>

  test('each path goes where it belongs', () => {
    const origins = new Map(
      (config().Origins as { Id: string; DomainName: unknown }[]).map(({ Id, DomainName }) => {
        const text = JSON.stringify(DomainName)
        return [Id, /Messages/.test(text) ? 'messages' : /Control/.test(text) ? 'control' : 'portal'] as const
      }),
    )
    const behaviours = config().CacheBehaviors as { PathPattern: string; TargetOriginId: string }[]
    expect(Object.fromEntries(behaviours.map((one) => [one.PathPattern, origins.get(one.TargetOriginId)]))).toEqual({
      '/portal*': 'portal',
      '/admin*': 'control',
      '/auth*': 'control',
      '/scim*': 'control',
      '/metrics': 'control',
      '/health/deep': 'control',
    })
    expect(origins.get((config().DefaultCacheBehavior as { TargetOriginId: string }).TargetOriginId)).toBe('messages')
  })

  test('the functions know the distribution by a secret that the template does not hold', () => {
    const origins = (
      config().Origins as { OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] }[]
    ).filter(({ OriginCustomHeaders }) => OriginCustomHeaders !== undefined)
    expect(origins).toHaveLength(2)
    for (const { OriginCustomHeaders } of origins) {
      expect(OriginCustomHeaders?.[0]?.HeaderName).toBe('x-origin-verify')
      expect(JSON.stringify(OriginCustomHeaders?.[0]?.HeaderValue)).toContain('{{resolve:secretsmanager:')
    }
  })

  test('the portal allows no script and nothing of others', () => {
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: Match.objectLike({
        SecurityHeadersConfig: Match.objectLike({
          ContentSecurityPolicy: Match.objectLike({
            ContentSecurityPolicy: Match.stringLikeRegexp("^default-src 'none'"),
          }),
        }),
      }),
    })
  })

  test('nothing an API says is cached', () => {
    const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
    const behaviours = [config().DefaultCacheBehavior, ...(config().CacheBehaviors as object[])] as {
      PathPattern?: string
      CachePolicyId: string
    }[]
    for (const { PathPattern, CachePolicyId } of behaviours)
      if (PathPattern !== '/portal*') expect(CachePolicyId).toBe(cachingDisabled)
  })
})

test('nobody reads the portal’s bucket but the distribution', () => {
  template.hasResourceProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  })
})

test('the outputs name what a person needs after a deployment', () => {
  expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
    'AdminSecretArn',
    'AlarmTopicArn',
    'ControlUrl',
    'CoreTable',
    'EphemeralTable',
    'EventsTable',
    'GatewayUrl',
    'MessagesUrl',
    'PortalUrl',
    'UsageTable',
  ])
})
