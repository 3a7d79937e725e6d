import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { scopeOf } from '../../../local/deploy/names.ts'
import { property, readTemplate, tagOf, textProperty } from '../../../local/deploy/template.ts'
import { writeSmallStack } from '../../support/small-stack.ts'

const stack = writeSmallStack()
afterAll(() => stack.remove())

const template = readTemplate(stack.cdkOut)
const scope = scopeOf(template, () => undefined)

test('resources are found by type, under their logical ids', () => {
  expect(template.of('AWS::Lambda::Function').map(({ logicalId }) => logicalId)).toEqual(['Messages', 'Copier'])
  expect(template.of('AWS::SNS::Topic')).toEqual([])
  expect(template.typeOf('Bucket')).toBe('AWS::S3::Bucket')
  expect(() => template.typeOf('Nowhere')).toThrow('Nowhere')
})

test('an asset is found in its folder by the key CloudFormation would look for', () => {
  expect(template.assetFolder('aaa.zip')).toBe(join(stack.cdkOut, 'asset.aaa'))
  expect(() => template.assetFolder('zzz.zip')).toThrow('zzz.zip')
})

test('a function of ours is told from one of CDK by its tag', () => {
  expect(template.of('AWS::Lambda::Function').map(({ properties }) => tagOf(properties, 'gateway:function'))).toEqual([
    'messages',
    undefined,
  ])
})

test('a property that is missing is named', () => {
  expect(property({ A: { Ref: 'Events' } }, 'A', scope)).toBe('ClaudeCodeGateway-Events')
  expect(() => property({}, 'Handler', scope)).toThrow('Handler')
  expect(() => textProperty({}, 'Handler', scope)).toThrow()
})

test('a folder without a template is named', () => {
  expect(() => readTemplate('/nowhere')).toThrow('/nowhere')
})

test('what a resource is asked for and nobody here knows is an error that names both', () => {
  expect(() => scope.ref('Queue')).toThrow(/Queue.*AWS::SQS::Queue/)
  expect(() => scope.attribute('Events', 'Colour')).toThrow(/Events.*Colour/)
  expect(() => scope.secret('arn:none', '')).toThrow('arn:none')
  expect(() => scope.condition('Unheard')).toThrow('Unheard')
})
