import { fileURLToPath } from 'node:url'
import { Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type * as z from 'zod'
import type { ControlEnv } from '../../lambdas/functions/control/env.ts'
import type { MessagesEnv } from '../../lambdas/functions/messages/env.ts'
import type { OutboxEnv } from '../../lambdas/functions/outbox/env.ts'
import type { PricesEnv } from '../../lambdas/functions/prices/env.ts'
import type { WatchEnv } from '../../lambdas/functions/watch/env.ts'
import { ALIASES, EXTERNAL, REQUIRE_BANNER } from '../bundling/bundle.ts'

/** Every deployed function and the environment it reads. The only look that lib/ takes into lambdas/, and it sees types alone. */
interface Environments {
  readonly messages: z.input<typeof MessagesEnv>
  /** Lambda sets the region, and lets nobody else. */
  readonly control: Omit<z.input<typeof ControlEnv>, 'AWS_REGION'>
  readonly outbox: z.input<typeof OutboxEnv>
  readonly watch: z.input<typeof WatchEnv>
  readonly prices: z.input<typeof PricesEnv>
}

export interface GatewayFunctionProps<Name extends keyof Environments> {
  readonly name: Name
  readonly description: string
  /** A missing variable does not compile. */
  readonly environment: Environments[Name]
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly logRetention: RetentionDays
  /** Keeps this many environments free for it; absent: none are reserved. */
  readonly reservedConcurrency?: number | undefined
  /** An invocation that nobody waits for is dropped after it, 60 at least; absent: six hours, as Lambda has it. */
  readonly longestWaitSeconds?: number
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const splitBeside = (outputDir: string): string =>
  [process.execPath, `${ROOT}lib/bundling/split.ts`, ROOT, outputDir].map((word) => `"${word}"`).join(' ')

/** One deployed function: its own bundle, role and log group. */
export class GatewayFunction<Name extends keyof Environments> extends Construct implements IGrantable {
  readonly function: NodejsFunction
  readonly grantPrincipal: IPrincipal

  constructor(scope: Construct, id: string, props: GatewayFunctionProps<Name>) {
    super(scope, id)
    // What happened to a gateway that was removed can still be read; the logs end by their own age.
    const logGroup = new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: RemovalPolicy.RETAIN })
    // Not AWS's managed policy, which lets a function write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    this.function = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: `${ROOT}lambdas/functions/${props.name}/handler.ts`,
      projectRoot: ROOT,
      depsLockFilePath: `${ROOT}package-lock.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      // Two gateways of one account keep their figures apart by the stack's name (`lambdas/platform/log.host.ts`).
      environment: { ...props.environment, GATEWAY_NAME: Stack.of(this).stackName } as Record<string, string>,
      ...(props.longestWaitSeconds !== undefined && { maxEventAge: Duration.seconds(props.longestWaitSeconds) }),
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      role,
      logGroup,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        // The SDK in the bundle starts faster than the runtime's own (and is the version that was tested).
        bundleAwsSDK: true,
        mainFields: ['module', 'main'],
        esbuildArgs: Object.fromEntries(
          Object.entries(ALIASES).map(([name, path]) => [`--alias:${name}`, ROOT + path]),
        ),
        banner: REQUIRE_BANNER,
        externalModules: EXTERNAL,
        commandHooks: {
          beforeInstall: () => [],
          beforeBundling: () => [],
          afterBundling: (_, outputDir) => [splitBeside(outputDir)],
        },
        forceDockerBundling: false,
      },
    })
    this.grantPrincipal = this.function.grantPrincipal
    Tags.of(this.function).add('gateway:function', props.name)
  }

  /** Exactly these actions on this table, and `Query` on those of its indexes. `test/rules/roles.test.ts` holds them against the code. */
  allow(table: Table, actions: readonly string[], indexes: readonly string[] = []): void {
    if (actions.length > 0) this.permit(actions, [table.tableArn])
    if (indexes.length > 0) {
      this.permit(
        ['Query'],
        indexes.map((index) => `${table.tableArn}/index/${index}`),
      )
    }
  }

  /** Its value, and nothing else about it. */
  allowSecret(secret: Secret): void {
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] }),
    )
  }

  private permit(actions: readonly string[], resources: string[]): void {
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources }),
    )
  }
}
