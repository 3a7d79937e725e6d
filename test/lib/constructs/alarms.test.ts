import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { FIGURES, METRICS_NAMESPACE } from '../../../lambdas/platform/metrics.ts'
import { ROOT, repositoryFiles } from '../../support/repository.ts'
import { synthesizeStack } from '../../support/stack.ts'

interface Alarm {
  readonly AlarmName: string
  readonly AlarmDescription: string
  readonly AlarmActions: readonly unknown[]
  readonly OKActions?: readonly unknown[]
  readonly MetricName: string
  readonly Namespace: string
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[]
  readonly Period: number
  readonly EvaluationPeriods: number
  readonly DatapointsToAlarm: number
  readonly TreatMissingData: string
  readonly ComparisonOperator: string
  readonly Threshold: number
}

let template: Template
let alarms: ReadonlyMap<string, Alarm>
let dashboard: string

beforeAll(() => {
  template = synthesizeStack().template
  const all = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as Alarm,
  )
  alarms = new Map(all.map((alarm) => [alarm.AlarmName.replace('ClaudeCodeGateway-', ''), alarm]))
  dashboard = JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'))
})

const alarm = (name: string): Alarm => {
  const found = alarms.get(name)
  if (found === undefined) throw new Error(`there is no alarm ${name}`)
  return found
}

test('there is an alarm for whatever somebody should hear of', () => {
  expect([...alarms.keys()].sort()).toEqual([
    'BedrockForbidden',
    'Bugs',
    'ConcurrencyNearQuota',
    'Control5xx',
    'ControlErrors',
    'ControlThrottles',
    'CoreTableErrors',
    'CoreTableThrottles',
    'DatabaseUnavailable',
    'Distribution5xx',
    'EndpointsUnhealthy',
    'EphemeralTableErrors',
    'EphemeralTableThrottles',
    'EstimatedSettlements',
    'EventsTableErrors',
    'EventsTableThrottles',
    'Messages5xx',
    'MessagesErrors',
    'MessagesNearTimeout',
    'MessagesThrottles',
    'NotificationsGivenUp',
    'OutboxBehind',
    'OutboxErrors',
    'OutboxNotRunning',
    'PriceRefreshFailed',
    'PricesNotRefreshed',
    'SettlementFailures',
    'UsageTableErrors',
    'UsageTableThrottles',
    'WatchErrors',
    'WatchNotRunning',
  ])
})

test('each goes to the topic, and so does its end, but for what is over as soon as it has happened', () => {
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'))
  for (const one of alarms.values()) expect(one.AlarmActions).toEqual([{ Ref: topic }])
  const withoutEnd = [...alarms].filter(([, { OKActions }]) => OKActions === undefined).map(([name]) => name)
  expect(withoutEnd.sort()).toEqual(['Bugs', 'EstimatedSettlements', 'NotificationsGivenUp', 'PriceRefreshFailed'])
})

test('silence is an alarm for what has to run, and none for what has nothing to tell', () => {
  const breaching = [...alarms]
    .filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching')
    .map(([name]) => name)
  expect(breaching.sort()).toEqual(['OutboxNotRunning', 'PricesNotRefreshed', 'WatchNotRunning'])
  expect(alarm('PricesNotRefreshed')).toMatchObject({ ComparisonOperator: 'LessThanThreshold', Threshold: 1 })
})

test('no alarm looks back further than CloudWatch lets it: a day, or a week where a period is an hour or more', () => {
  const longest = (period: number) => (period < 3600 ? 86_400 : 604_800)
  for (const { Period, EvaluationPeriods, DatapointsToAlarm } of alarms.values()) {
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(longest(Period))
    expect(DatapointsToAlarm).toBeLessThanOrEqual(EvaluationPeriods)
  }
})

test('the concurrency alarm follows the quota that the deployment names', () => {
  expect(alarm('ConcurrencyNearQuota')).toMatchObject({ Threshold: 800, MetricName: 'ConcurrentExecutions' })
  const { template: large } = synthesizeStack({ concurrencyQuota: '5000' })
  large.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ConcurrentExecutions', Threshold: 4000 })
})

test('the alarm on CloudFront is made where CloudFront writes its figures, and the dashboard does without it', () => {
  const resources = Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
  const conditional = resources.filter(([, { Condition }]) => Condition !== undefined)
  expect(conditional.map(([, { Properties }]) => Properties.Namespace)).toEqual(['AWS/CloudFront'])
  expect(dashboard).not.toContain(conditional[0]?.[0])
})

describe('every figure of ours that is looked at is one that is measured', () => {
  const sources = repositoryFiles().filter(
    (file) => /^lambdas\/.*[.]ts$/.test(file) && !file.endsWith('platform/metrics.ts'),
  )
  const code = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  const figures: Readonly<Record<string, { readonly by: readonly string[] }>> = FIGURES

  test('by the alarms, with the dimensions it has', () => {
    const own = [...alarms.values()].filter(({ Namespace }) => Namespace === METRICS_NAMESPACE)
    expect(own.length).toBeGreaterThan(5)
    for (const { MetricName, Dimensions = [] } of own) {
      const names = Dimensions.map(({ Name }) => Name)
      expect([['Gateway'], ['Gateway', ...(figures[MetricName]?.by ?? [])].sort()]).toContainEqual(names.sort())
    }
  })

  test('by the dashboard', () => {
    const looked = [...dashboard.matchAll(/\[\\+"ClaudeCodeGateway\\+",\\+"(\w+)/g)].map(([, name = '']) => name)
    expect(new Set(looked)).toEqual(new Set(Object.keys(FIGURES)))
  })

  test.each(Object.keys(FIGURES))('%s is measured somewhere', (name) => expect(code).toContain(`name: '${name}'`))
})

/**
 * USD a month: an alarm by the metric it reads, a secret, a key. Source: pricing pages of CloudWatch, Secrets Manager and KMS for us-east-1.
 * CloudWatch gives ten alarms free.
 */
const PRICES = { alarm: 0.1, secret: 0.4, key: 1, freeAlarms: 10 }
/** Runs of the scheduled functions, their reads, log lines, figures and the flags they try: docs/decisions/0006-operations.md. */
const RUNNING = 0.37

test('an unused deployment costs less than five dollars a month', () => {
  const count = (type: string) => Object.keys(template.findResources(type)).length
  const alarmCost = (alarms.size - PRICES.freeAlarms) * PRICES.alarm
  const month =
    alarmCost + count('AWS::SecretsManager::Secret') * PRICES.secret + count('AWS::KMS::Key') * PRICES.key + RUNNING
  expect(month).toBeLessThan(5)
  // A metric of an expression is paid for like an alarm: here each alarm reads one.
  expect([...alarms.values()].filter(({ MetricName }) => MetricName === undefined)).toEqual([])
  expect(count('AWS::CloudWatch::Dashboard')).toBeLessThanOrEqual(3)
})
