/** AWS's own good advice, as cdk-nag's AwsSolutions rules have it: followed, or refused with a reason in `lib/nag.ts`. */
import { AwsSolutionsChecks } from 'cdk-nag'
import { beforeAll, expect, test } from 'vitest'
import { SUPPRESSIONS, type Suppression } from '../../lib/nag.ts'
import { synthesizeStack } from '../support/stack.ts'

interface Finding {
  readonly path: string
  readonly rule: string
}

let findings: readonly Finding[]

beforeAll(() => {
  const { app, stack } = synthesizeStack()
  const { violations } = new AwsSolutionsChecks(app).validateScope(app)
  findings = violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath = '' }) => ({
      path: constructPath.slice(stack.node.path.length + 1),
      rule: ruleName.replace(/^AwsSolutions-/, ''),
    })),
  )
})

const excuses = ({ path, rule }: Suppression, finding: Finding): boolean =>
  rule === finding.rule && (finding.path === path || finding.path.startsWith(`${path}/`))

test('the rules were run at all', () => expect(findings.length).toBeGreaterThan(10))

test('whatever they find has its reason', () => {
  expect(findings.filter((finding) => !SUPPRESSIONS.some((one) => excuses(one, finding)))).toEqual([])
})

test('no reason outlives what it excuses', () => {
  expect(SUPPRESSIONS.filter((one) => !findings.some((finding) => excuses(one, finding)))).toEqual([])
  expect(SUPPRESSIONS.filter(({ reason }) => reason.trim().split(' ').length < 5)).toEqual([])
})
