/** The CDK app: one stack, the whole gateway. `-c` context: see `lib/gateway-stack.ts`. */
import { App } from 'aws-cdk-lib'
import { buildPortal } from '../frontend/build.ts'
import { GatewayStack } from '../lib/gateway-stack.ts'

await buildPortal()
const app = new App()
new GatewayStack(app, 'ClaudeCodeGateway', {
  description: 'Gateway between Claude Code and Claude on Amazon Bedrock',
  inferenceProfilePrefix: app.node.tryGetContext('inferenceProfilePrefix') ?? 'global',
  reservedConcurrency: app.node.tryGetContext('reservedConcurrency') === 'true',
})
app.synth()
