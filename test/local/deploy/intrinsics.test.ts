import { describe, expect, test } from 'vitest'
import { resolve, resolveText, type Scope } from '../../../local/deploy/intrinsics.ts'

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:Admin'

const SCOPE: Scope = {
  ref: (name) => {
    if (name === 'Missing') throw new Error('the template has no Missing')
    return `ref-of-${name}`
  },
  attribute: (logicalId, attribute) =>
    attribute === 'FunctionUrl' ? 'https://messages.local/' : `${attribute}-of-${logicalId}`,
  condition: (name) => name === 'Yes',
  secret: (arn, member) => (member === '' ? `all-of-${arn}` : `${member}-of-${arn}`),
}

describe('what the template says is resolved as CloudFormation does it', () => {
  const CASES: readonly [unknown, unknown][] = [
    ['plain', 'plain'],
    [{ a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
    [{ Ref: 'Table' }, 'ref-of-Table'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    [{ Ref: 'AWS::StackName' }, 'ClaudeCodeGateway'],
    [{ Ref: 'AWS::NoValue' }, undefined],
    [{ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'Arn-of-Table'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'Arn-of-Table'],
    [{ 'Fn::GetAtt': ['Nested', 'Outputs.Name'] }, 'Outputs.Name-of-Nested'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 1]] }, 'a-ref-of-Table-1'],
    [{ 'Fn::Join': ['', { 'Fn::Split': [',', 'a,b'] }] }, 'ab'],
    [{ 'Fn::Sub': 'b-${AWS::Region}-${Table}-${Table.Arn}' }, 'b-us-east-1-ref-of-Table-Arn-of-Table'],
    [{ 'Fn::Sub': ['${Own}/${Table}', { Own: { 'Fn::GetAtt': 'Other.Arn' } }] }, 'Arn-of-Other/ref-of-Table'],
    [{ 'Fn::Sub': '${!Literal}-${Table}' }, '${Literal}-ref-of-Table'],
    [{ 'Fn::Sub': '{{resolve:secretsmanager:${Arn}:SecretString:::}}'.replace('${Arn}', ARN) }, `all-of-${ARN}`],
    [{ 'Fn::Sub': ['{{resolve:secretsmanager:${Own}:SecretString:key::}}', { Own: ARN }] }, `key-of-${ARN}`],
    [{ 'Fn::Select': ['1', ['a', { Ref: 'b' }]] }, 'ref-of-b'],
    [{ 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Url', 'FunctionUrl'] }] }] }, 'messages.local'],
    [{ 'Fn::If': ['Yes', 'then', { Ref: 'Missing' }] }, 'then'],
    [{ a: { 'Fn::If': ['No', 'then', { Ref: 'AWS::NoValue' }] } }, {}],
    [`{{resolve:secretsmanager:${ARN}}}`, `all-of-${ARN}`],
    [`{{resolve:secretsmanager:${ARN}:SecretString:::}}`, `all-of-${ARN}`],
    [`<{{resolve:secretsmanager:${ARN}:SecretString:password::}}>`, `<password-of-${ARN}>`],
    [{ 'Fn::Join': ['', ['{{resolve:secretsmanager:', ARN, ':SecretString:::}}']] }, `all-of-${ARN}`],
    [
      { Action: 'x', Condition: { StringEquals: {} } },
      { Action: 'x', Condition: { StringEquals: {} } },
    ],
  ]
  test.each(CASES)('%j', (value, expected) => expect(resolve(value, SCOPE)).toEqual(expected))
})

describe('what is not known is an error that names itself', () => {
  const CASES: readonly [unknown, RegExp][] = [
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }, /Fn::FindInMap/],
    [{ 'Fn::ImportValue': 'x' }, /Fn::ImportValue/],
    [{ a: [{ 'Fn::GetAZs': '' }] }, /Fn::GetAZs/],
    [{ Ref: 'Missing' }, /no Missing/],
    [{ 'Fn::Select': [9, ['a']] }, /Fn::Select 9/],
    [{ 'Fn::Join': ['', 'text'] }, /expected a list/],
    ['{{resolve:ssm:name}}', /resolve:ssm:name/],
    [{ 'Fn::Join': ['', ['{{resolve:', 'ssm-secure:name', '}}']] }, /resolve:ssm-secure:name/],
  ]
  test.each(CASES)('%j', (value, message) => expect(() => resolve(value, SCOPE)).toThrow(message))
})

test('where a text is needed, a number will do and a list will not', () => {
  expect(resolveText(3, SCOPE)).toBe('3')
  expect(() => resolveText(['a'], SCOPE)).toThrow('not a text')
  expect(() => resolveText({ Ref: 'AWS::NoValue' }, SCOPE)).toThrow('not a text')
})
