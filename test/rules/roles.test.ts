/** Each function's role allows what its code calls, and nothing else. What the code calls is read from the sources. */
import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { awsCallsOf } from '../support/aws-calls.ts'
import { synthesizeStack } from '../support/stack.ts'

const FUNCTIONS = ['messages', 'control', 'watch', 'prices', 'outbox'] as const

/** What Lambda itself does in the function's name: it writes the log, and reads the stream that leads to the function. */
const BY_LAMBDA =
  /^(?:logs:(?:CreateLogStream|PutLogEvents)|dynamodb:(?:DescribeStream|GetRecords|GetShardIterator|ListStreams)\b.*)$/

/** Actions that AWS cannot narrow to a resource. Source: Service Authorization Reference. */
const WITHOUT_RESOURCE = new Set([
  'bedrock:ListInferenceProfiles',
  'dynamodb:ListStreams',
  'pricing:GetPriceListFileUrl',
  'pricing:ListPriceLists',
  'servicequotas:ListServiceQuotas',
])

interface Statement {
  readonly Action: string | readonly string[]
  readonly Effect: string
  readonly Resource: unknown
}

let template: Template
let calls: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  template = synthesizeStack().template
  calls = awsCallsOf(FUNCTIONS)
  // All sources are type-checked: ten seconds of one core.
}, 180_000)

type Properties = Record<string, unknown> & { Tags?: { Key: string; Value: string }[] }
const all = (type: string) => Object.entries(template.findResources(type)) as [string, { Properties: Properties }][]
const tagOf = (properties: Properties, key: string) => properties.Tags?.find((tag) => tag.Key === key)?.Value

function roleOf(name: string): string {
  const lambdas = all('AWS::Lambda::Function').map(([, { Properties }]) => Properties)
  const role = lambdas.find((one) => tagOf(one, 'gateway:function') === name)?.Role as
    | { 'Fn::GetAtt': string[] }
    | undefined
  return role?.['Fn::GetAtt'][0] ?? ''
}

function statementsOf(name: string): readonly Statement[] {
  const role = roleOf(name)
  const policies = all('AWS::IAM::Policy').filter(
    ([, { Properties }]) => JSON.stringify(Properties.Roles) === JSON.stringify([{ Ref: role }]),
  )
  return policies.flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
}

/** `core`, `core/GSI1`; nothing for what is no table. */
function tableOf(resource: unknown): string | undefined {
  const text = JSON.stringify(resource)
  const table = all('AWS::DynamoDB::Table').find(([logicalId]) => text.includes(`"${logicalId}"`))
  if (table === undefined) return undefined
  const index = /"\/index\/([^"]+)"/.exec(text)?.[1]
  return `${tagOf(table[1].Properties, 'gateway:table')}${index === undefined ? '' : `/${index}`}`
}

const allowedBy = ({ Action, Resource }: Statement): string[] =>
  [Action].flat().flatMap((action) =>
    [Resource].flat().map((resource) => {
      const table = action.startsWith('dynamodb:') ? tableOf(resource) : undefined
      return table === undefined ? action : `${action} ${table}`
    }),
  )

describe.each(FUNCTIONS)('the role of %s', (name) => {
  test('allows what the code calls, each action on each table and index, and nothing else', () => {
    const allowed = new Set(
      statementsOf(name)
        .flatMap(allowedBy)
        .filter((one) => !BY_LAMBDA.test(one)),
    )
    expect([...allowed].sort()).toEqual(calls.get(name))
  })

  test('names what it allows it on, wherever AWS knows a name for it', () => {
    const everywhere = statementsOf(name).filter(({ Resource }) => [Resource].flat().includes('*'))
    expect(everywhere.flatMap(({ Action }) => Action).filter((action) => !WITHOUT_RESOURCE.has(action))).toEqual([])
    expect(
      statementsOf(name)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes('*')),
    ).toEqual([])
    const [, role] = all('AWS::IAM::Role').find(([logicalId]) => logicalId === roleOf(name)) ?? []
    expect(role?.Properties.ManagedPolicyArns).toBeUndefined()
  })

  test('writes to its own log alone, and forbids nothing', () => {
    const logs = statementsOf(name).filter(({ Action }) => [Action].flat().some((action) => action.startsWith('logs:')))
    expect(logs).toHaveLength(1)
    expect(JSON.stringify(logs[0]?.Resource)).toMatch(/^\{"Fn::GetAtt":\["\w+Logs\w+","Arn"\]\}$/)
    expect(statementsOf(name).every(({ Effect }) => Effect === 'Allow')).toBe(true)
  })
})

test('what a function calls is found, down to the index', () => {
  expect(calls.get('outbox')).toEqual([
    'dynamodb:GetItem core',
    'dynamodb:GetItem events',
    'dynamodb:PutItem events',
    'dynamodb:Query events/GSI1',
    'dynamodb:UpdateItem events',
    'events:PutEvents',
    'kms:Decrypt',
    'sns:Publish',
  ])
  expect(calls.get('messages')).toContain('bedrock:InvokeModelWithResponseStream')
  // It has the store that can, and never asks it to.
  expect(calls.get('messages')).not.toContain('dynamodb:PutItem core')
})
