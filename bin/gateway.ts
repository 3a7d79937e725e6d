/** The CDK app: one stack, the whole gateway. What may be chosen with `-c`: `lib/settings.ts`. */
import { App } from 'aws-cdk-lib'
import { buildPortal } from '../frontend/build.ts'
import { GatewayStack } from '../lib/gateway-stack.ts'
import { readSettings, SettingsError } from '../lib/settings.ts'

const app = new App()
try {
  const settings = readSettings((name) => app.node.tryGetContext(name))
  await buildPortal()
  new GatewayStack(app, 'ClaudeCodeGateway', {
    description: 'Gateway between Claude Code and Claude on Amazon Bedrock',
    ...settings,
  })
  app.synth()
} catch (thrown) {
  if (!(thrown instanceof SettingsError)) throw thrown
  console.error(thrown.message)
  process.exitCode = 1
}
