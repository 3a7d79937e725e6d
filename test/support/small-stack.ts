/** A synthesized stack of one table, two secrets, a few functions and a distribution, small enough to be read in one look. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { STACK } from '../../local/deploy/template.ts'

const key = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
]
const code = (hash: string) => ({
  S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' },
  S3Key: `${hash}.zip`,
})
const tag = (name: string, value: string) => [{ Key: `gateway:${name}`, Value: value }]
const hostOf = (url: string) => ({ 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [url, 'FunctionUrl'] }] }] })

const VIEWER = `function handler(event) {
  if (event.request.uri === '/') return { statusCode: 302, headers: { location: { value: '/portal/' } } }
  event.request.headers['x-gateway-host'] = { value: event.request.headers.host.value }
  return event.request
}`

const TABLES = {
  Events: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: ['PK', 'SK', 'GSI1PK', 'GSI1SK'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [
        { IndexName: 'GSI1', KeySchema: key('GSI1PK', 'GSI1SK'), Projection: { ProjectionType: 'ALL' } },
      ],
      KeySchema: key('PK', 'SK'),
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      Tags: tag('table', 'events'),
    },
  },
}

const SECRETS = {
  Admin: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"admin"}',
        GenerateStringKey: 'password',
        PasswordLength: 24,
        ExcludePunctuation: true,
        ExcludeCharacters: 'O0Il1',
      },
    },
  },
  Origin: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
}

const FUNCTIONS = {
  Messages: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: code('aaa'),
      Environment: {
        Variables: { EVENTS_TABLE: { Ref: 'Events' }, ADMIN_SECRET_ARN: { Ref: 'Admin' }, FIXED: 'as it stands' },
      },
      Handler: 'index.handler',
      MemorySize: 1769,
      Timeout: 900,
      Tags: tag('function', 'messages'),
    },
  },
  Copier: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: code('nowhere'),
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Runtime: 'python3.13',
    },
  },
  MessagesUrl: {
    Type: 'AWS::Lambda::Url',
    Properties: {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: { 'Fn::GetAtt': ['Messages', 'Arn'] },
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: { 'Fn::GetAtt': ['Messages', 'Arn'] }, Id: 'Target0' }],
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      BatchSize: 10,
      EventSourceArn: { 'Fn::GetAtt': ['Events', 'StreamArn'] },
      FunctionName: { Ref: 'Messages' },
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"n":{"N":[{"exists":true}]}}}}' }] },
      MaximumRetryAttempts: 2,
    },
  },
}

const DISTRIBUTION = {
  Viewer: { Type: 'AWS::CloudFront::Function', Properties: { FunctionCode: VIEWER } },
  Headers: {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: false },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 1, Override: true },
        },
        CustomHeadersConfig: { Items: [{ Header: 'Permissions-Policy', Value: 'camera=()', Override: true }] },
      },
    },
  },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  Deployment: {
    Type: 'Custom::CDKBucketDeployment',
    Properties: {
      SourceObjectKeys: ['bbb.zip'],
      DestinationBucketName: { Ref: 'Bucket' },
      DestinationBucketKeyPrefix: 'portal',
      Exclude: ['assets/*'],
      Prune: true,
      SystemMetadata: { 'cache-control': 'no-cache' },
    },
  },
  Assets: {
    Type: 'Custom::CDKBucketDeployment',
    Properties: {
      SourceObjectKeys: ['bbb.zip'],
      DestinationBucketName: { Ref: 'Bucket' },
      DestinationBucketKeyPrefix: 'portal',
      Exclude: ['*'],
      Include: ['assets/*'],
      Prune: false,
      SystemMetadata: { 'cache-control': 'immutable' },
    },
  },
  Distribution: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        CacheBehaviors: [
          {
            PathPattern: '/portal*',
            AllowedMethods: ['GET', 'HEAD'],
            TargetOriginId: 'files',
            ResponseHeadersPolicyId: { Ref: 'Headers' },
          },
        ],
        DefaultCacheBehavior: {
          AllowedMethods: ['GET', 'HEAD', 'POST'],
          TargetOriginId: 'url',
          FunctionAssociations: [
            { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Viewer', 'FunctionARN'] } },
          ],
        },
        Origins: [
          {
            Id: 'url',
            DomainName: hostOf('MessagesUrl'),
            CustomOriginConfig: { OriginReadTimeout: 60 },
            OriginCustomHeaders: [
              {
                HeaderName: 'X-Origin-Verify',
                HeaderValue: {
                  'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Origin' }, ':SecretString:::}}']],
                },
              },
            ],
          },
          { Id: 'files', DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] }, S3OriginConfig: {} },
        ],
      },
    },
  },
}

const TEMPLATE = {
  Resources: {
    ...TABLES,
    ...SECRETS,
    ...FUNCTIONS,
    ...DISTRIBUTION,
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
  },
  Outputs: { AdminSecretArn: { Value: { Ref: 'Admin' } } },
}

/** Tells what it was given, whether it was called through its URL or by a schedule. */
const HANDLER = `
const told = (event) => JSON.stringify({ event, own: process.env.FIXED, table: process.env.EVENTS_TABLE, extra: process.env.EXTRA })
export const handler = awslambda.streamifyResponse(async (event, out) => {
  const stream = awslambda.HttpResponseStream.from(out, { statusCode: 200, headers: { 'content-type': 'application/json' } })
  stream.write(told(event))
  stream.end()
})`

export interface SmallStack {
  readonly cdkOut: string
  remove(): void
}

export function writeSmallStack(): SmallStack {
  const cdkOut = mkdtempSync(join(tmpdir(), 'small-stack-'))
  const assets: Record<string, Record<string, string>> = {
    aaa: { 'index.mjs': HANDLER },
    bbb: { 'index.html': '<p>portal</p>', 'assets/app.1.js': 'app()' },
  }
  for (const [hash, files] of Object.entries(assets)) {
    mkdirSync(join(cdkOut, `asset.${hash}`))
    for (const [name, content] of Object.entries(files)) {
      const file = join(cdkOut, `asset.${hash}`, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  }
  const manifest = {
    files: Object.fromEntries(Object.keys(assets).map((hash) => [hash, { source: { path: `asset.${hash}` } }])),
  }
  writeFileSync(join(cdkOut, `${STACK}.template.json`), JSON.stringify(TEMPLATE))
  writeFileSync(join(cdkOut, `${STACK}.assets.json`), JSON.stringify(manifest))
  return { cdkOut, remove: () => rmSync(cdkOut, { recursive: true, force: true }) }
}
