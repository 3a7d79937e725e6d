import { Match, type Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { synthesizeStack } from '../support/stack.ts'

let template: Template

beforeAll(() => {
  template = synthesizeStack().template
})

type Resource = { Properties: Record<string, unknown>; DeletionPolicy?: string; UpdateReplacePolicy?: string }
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

  test('control hands out the address of messages, without a slash at its end', () => {
    const url = { 'Fn::GetAtt': [expect.stringMatching(/^MessagesApi/), 'FunctionUrl'] }
    const part = (place: number) => ({ 'Fn::Select': [place, { 'Fn::Split': ['/', url] }] })
    expect(tagged('AWS::Lambda::Function', 'gateway:function', 'control')?.Properties).toMatchObject({
      Environment: { Variables: { MESSAGES_URL: { 'Fn::Join': ['', [part(0), '//', part(2)]] } } },
    })
  })

  test('every function has a log group of its own, kept a month or as long as is wished, and longer than the stack', () => {
    const groups = all('AWS::Logs::LogGroup')
    const functions = all('AWS::Lambda::Function')
    const named = new Set(functions.map(({ Properties }) => JSON.stringify(Properties.LoggingConfig)))
    expect(named).not.toContain(undefined)
    expect(named.size).toBe(functions.length)
    expect(groups).toHaveLength(functions.length)
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
    const longer = synthesizeStack({ logRetentionDays: '365' }).template
    longer.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 })
    expect(groups.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toHaveLength(5)
  })

  test('everything that holds something says what becomes of it', () => {
    const HOLDING = /^AWS::(?:DynamoDB::Table|SecretsManager::Secret|Logs::LogGroup|S3::Bucket|KMS::Key)$/
    const resources = Object.entries(template.toJSON().Resources as Record<string, { Type: string } & Resource>)
    const holding = resources.filter(([, { Type }]) => HOLDING.test(Type))
    expect(holding.length).toBeGreaterThan(10)
    const silent = holding.filter(
      ([, one]) => one.DeletionPolicy === undefined || one.UpdateReplacePolicy === undefined,
    )
    expect(silent.map(([logicalId]) => logicalId)).toEqual([])
  })

  test('pages of more origins may call where a deployment says so', () => {
    const variables = (stack: Template) =>
      JSON.stringify(stack.findResources('AWS::Lambda::Function')).match(/"ALLOWED_ORIGINS":"[^"]*"/g)
    expect(variables(template)).toBeNull()
    const allowing = synthesizeStack({ allowedOrigins: 'https://a.example.com,https://*.example.org' }).template
    expect(variables(allowing)).toEqual(['"ALLOWED_ORIGINS":"https://a.example.com,https://*.example.org"'])
  })

  test('environments are reserved for the administrator only where it is asked for', () => {
    const reserved = (from: Template) =>
      Object.values(from.findResources('AWS::Lambda::Function')).flatMap(
        ({ Properties }) => Properties.ReservedConcurrentExecutions ?? [],
      )
    expect(reserved(template)).toEqual([])
    expect(reserved(synthesizeStack({ reservedConcurrency: 'true' }).template).sort()).toEqual([1, 1, 10])
  })
})

describe('tables', () => {
  test.each([
    ['core', 3, true],
    ['usage', 1, true],
    ['events', 3, true],
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

  test('the stream of Events leads to outbox, which may fail in part, and is shown only what waits to be told', () => {
    expect(tagged('AWS::DynamoDB::Table', 'gateway:table', 'events')?.Properties.StreamSpecification).toEqual({
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    })
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT', 'MODIFY'],
              dynamodb: {
                NewImage: {
                  PK: { S: [{ prefix: 'EVENT#' }] },
                  SK: { S: ['META'] },
                  GSI1SK: { S: [{ exists: true }] },
                  state: { S: ['pending'] },
                },
              },
            }),
          },
        ],
      },
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
  /** Roles are called the same in every synthesis. */
  const statementsOf = (name: string, from = template): Statement[] => {
    const lambda = tagged('AWS::Lambda::Function', 'gateway:function', name)
    const [role] = (lambda?.Properties.Role as { 'Fn::GetAtt': string[] } | undefined)?.['Fn::GetAtt'] ?? []
    return Object.values(from.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(String(role)))
      .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
  }
  const actionsOf = (name: string) => statementsOf(name).flatMap(({ Action }) => Action)

  test.each(['messages', 'watch'])('%s calls Claude and nobody else’s model', (name) => {
    const calling = statementsOf(name).filter(({ Action }) => JSON.stringify(Action).includes('bedrock:Invoke'))
    expect(calling).toHaveLength(1)
    for (const resource of calling.flatMap(({ Resource }) => [Resource].flat().map((one) => JSON.stringify(one)))) {
      // What an application profile is for its id does not say; Bedrock asks for the right to the model behind it as well.
      expect(resource).toMatch(/anthropic\.claude|:application-inference-profile\//)
    }
  })

  test('messages reads without looking around', () => {
    expect(actionsOf('messages')).not.toContain('dynamodb:Scan')
  })

  test('nobody has a wildcard but for listings that have no resource', () => {
    for (const name of ['messages', 'control', 'watch', 'prices', 'outbox']) {
      for (const { Action, Resource } of statementsOf(name)) {
        expect([Action].flat().some((action) => action.endsWith(':*'))).toBe(false)
        if ([Resource].flat().includes('*')) {
          const listings =
            /^(bedrock:ListInferenceProfiles|dynamodb:ListStreams|servicequotas:ListServiceQuotas|pricing:(ListPriceLists|GetPriceListFileUrl))$/
          for (const action of [Action].flat()) expect(action).toMatch(listings)
        }
      }
    }
  })

  test.each(['control', 'outbox'])('%s tells topics and buses of the own account, or those that are named', (name) => {
    const told = (from: Template) =>
      statementsOf(name, from)
        .filter(({ Action }) => /^(?:sns|events):/.test([Action].flat()[0] ?? ''))
        .map(({ Action, Resource }) => [Action, JSON.stringify(Resource)])
    expect(told(template)).toEqual([
      ['sns:Publish', expect.stringMatching(/:sns:\*:",\{"Ref":"AWS::AccountId"\},":\*"/)],
      ['events:PutEvents', expect.stringMatching(/:events:\*:",\{"Ref":"AWS::AccountId"\},":event-bus\/\*"/)],
    ])
    const topic = 'arn:aws:sns:eu-west-1:123456789012:budgets'
    const { template: named } = synthesizeStack({ notificationTargets: topic })
    expect(told(named)).toEqual([['sns:Publish', JSON.stringify(topic)]])
  })

  test('control may do with what can be forgotten what sign-in, setup tokens and the trouble of endpoints need', () => {
    const ephemeral = statementsOf('control').filter(({ Resource }) => JSON.stringify(Resource).includes('Ephemeral'))
    expect(ephemeral.flatMap(({ Action }) => Action).sort()).toEqual(
      ['GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`),
    )
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

  test('the portal allows no script, frame, form or feature that is not its own', () => {
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: Match.objectLike({
        SecurityHeadersConfig: Match.objectLike({
          ContentSecurityPolicy: {
            ContentSecurityPolicy:
              "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src 'self'; " +
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            Override: true,
          },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
        }),
        CustomHeadersConfig: {
          Items: [
            Match.objectLike({
              Header: 'permissions-policy',
              Value: Match.stringLikeRegexp('camera=\\(\\),.*clipboard-write=\\(self\\)$'),
            }),
            Match.objectLike({ Header: 'cross-origin-opener-policy', Value: 'same-origin' }),
            Match.objectLike({ Header: 'cross-origin-resource-policy', Value: 'same-origin' }),
          ],
        },
      }),
    })
  })

  test('every behaviour has a policy of headers; that of the functions leaves what they say', () => {
    const behaviours = [config().DefaultCacheBehavior, ...(config().CacheBehaviors as object[])] as {
      PathPattern?: string
      ResponseHeadersPolicyId: { Ref: string }
      Compress: boolean
    }[]
    const ofFunctions = behaviours.filter(({ PathPattern }) => PathPattern !== '/portal*')
    const policies = new Set(ofFunctions.map(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId.Ref))
    expect(policies.size).toBe(1)
    const policy = template.findResources('AWS::CloudFront::ResponseHeadersPolicy')[[...policies][0] ?? '']?.Properties
    const { SecurityHeadersConfig } = policy.ResponseHeadersPolicyConfig
    expect(Object.keys(SecurityHeadersConfig).sort()).toEqual([
      'ContentTypeOptions',
      'FrameOptions',
      'ReferrerPolicy',
      'StrictTransportSecurity',
    ])
    expect(SecurityHeadersConfig.FrameOptions.Override).toBe(false)
    expect(behaviours.filter(({ Compress }) => Compress).map(({ PathPattern }) => PathPattern)).toEqual(['/portal*'])
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

describe('the portal’s files', () => {
  test('those whose names tell their contents are kept for a year, everything else is asked for anew', () => {
    const uploads = all('Custom::CDKBucketDeployment').map(({ Properties }) => [
      Properties.Include,
      Properties.Exclude,
      Properties.Prune,
      (Properties.SystemMetadata as Record<string, string>)['cache-control'],
    ])
    expect(uploads).toEqual([
      [['assets/*'], ['*'], false, 'public, max-age=31536000, immutable'],
      [undefined, ['assets/*'], true, 'no-cache'],
    ])
  })

  test('the pages come after the files they name', () => {
    const [[assets] = [], [, pages] = []] = Object.entries(template.findResources('Custom::CDKBucketDeployment'))
    expect((pages as { DependsOn?: string[] } | undefined)?.DependsOn).toContain(assets)
  })

  test('nobody reads the bucket but the distribution', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
  })
})

describe('a domain of one’s own', () => {
  const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b'
  const NAMED = { domainName: 'claude.example.com', certificateArn: CERTIFICATE }
  const outputsOf = (from: Template) => from.toJSON().Outputs as Record<string, { Value: unknown }>

  test('the distribution answers to it, and the outputs tell it; records are made only where a zone is named', () => {
    const { template: named } = synthesizeStack(NAMED)
    named.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Aliases: ['claude.example.com'],
        ViewerCertificate: Match.objectLike({ AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.2_2021' }),
      }),
    })
    expect(outputsOf(named).GatewayUrl?.Value).toBe('https://claude.example.com')
    expect(outputsOf(named).PortalUrl?.Value).toBe('https://claude.example.com/portal/')
    named.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ MESSAGES_URL: 'https://claude.example.com' }) },
    })
    named.resourceCountIs('AWS::Route53::RecordSet', 0)
  })

  test('in a hosted zone it gets its records, for both versions of IP', () => {
    const { template: zoned } = synthesizeStack({ ...NAMED, hostedZoneId: 'Z1', hostedZoneName: 'example.com' })
    for (const Type of ['A', 'AAAA'])
      zoned.hasResourceProperties('AWS::Route53::RecordSet', { Type, Name: 'claude.example.com.', HostedZoneId: 'Z1' })
  })
})

test('the outputs name what a person needs after a deployment', () => {
  expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
    'AdminSecretArn',
    'AlarmTopicArn',
    'ControlUrl',
    'CoreTable',
    'DashboardUrl',
    'DistributionDomainName',
    'EphemeralTable',
    'EventsTable',
    'GatewayUrl',
    'MessagesUrl',
    'PortalUrl',
    'UsageTable',
  ])
})
