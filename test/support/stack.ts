/** The stack, synthesized in the test's own process and without bundling: what the functions hold is tested where they run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { GatewayStack } from '../../lib/gateway-stack.ts'
import { readSettings } from '../../lib/settings.ts'
import { ROOT } from './repository.ts'

/** CloudFormation's own look at a template takes five seconds; the app's synthesis (`synth.setup.ts`) has it once for all. */
process.env.CDK_VALIDATION = 'false'

export interface TestStack {
  readonly app: App
  readonly stack: GatewayStack
  readonly template: Template
}

/** @param context As it would stand after `-c`. */
export function synthesizeStack(context: Readonly<Record<string, unknown>> = {}): TestStack {
  const { context: flags } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>
  }
  const app = new App({ context: { ...flags, 'aws:cdk:bundling-stacks': [] } })
  const stack = new GatewayStack(
    app,
    'ClaudeCodeGateway',
    readSettings((name) => context[name]),
  )
  return { app, stack, template: Template.fromStack(stack) }
}
