import { Lazy, Stack } from 'aws-cdk-lib'
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { InferenceProfilePrefix } from '../settings.ts'
import {
  assumeEndpointRoles,
  listInferenceProfiles,
  listQuotas,
  readInferenceProfiles,
  readPriceLists,
} from './bedrock-access.ts'
import { GatewayFunction } from './gateway-function.ts'
import type { GatewayKey } from './gateway-key.ts'
import type { GatewaySecrets } from './gateway-secrets.ts'
import type { GatewayTables } from './gateway-tables.ts'
import { notify, type OutboundProps, outboundEnvironment } from './outbound-access.ts'
import { addPublicUrl } from './public-url.ts'

export interface ControlApiProps {
  readonly tables: GatewayTables
  readonly secrets: GatewaySecrets
  readonly sealing: GatewayKey
  readonly outbound: OutboundProps
  /** Of the function that delivers notifications, to be told to whoever writes a policy for it. */
  readonly outboxRoleArn: string
  /** Which roles of other accounts it may assume, to test their endpoints. */
  readonly endpointRoleNames: string
  readonly logRetention: RetentionDays
  /** Where Claude Code is pointed at, without a slash at its end. */
  readonly messagesUrl: string
  /** Scope of the endpoint that the deployment brings. */
  readonly inferenceProfilePrefix: InferenceProfilePrefix
  readonly reservedConcurrency?: number | undefined
}

/** The control plane: sign-in, keys, teams, endpoints, analytics. It answers to the distribution alone. */
export class ControlApi extends Construct {
  readonly url: FunctionUrl
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, props: ControlApiProps) {
    super(scope, id)
    const { tables, secrets } = props
    const control = new GatewayFunction(this, 'Control', {
      name: 'control',
      description: 'Claude Code Gateway: /admin and /auth',
      environment: {
        CORE_TABLE: tables.core.tableName,
        USAGE_TABLE: tables.usage.tableName,
        EVENTS_TABLE: tables.events.tableName,
        EPHEMERAL_TABLE: tables.ephemeral.tableName,
        ADMIN_SECRET_ARN: secrets.admin.secretArn,
        SESSION_SECRET_ARN: secrets.session.secretArn,
        ORIGIN_SECRET_ARN: secrets.origin.secretArn,
        MESSAGES_URL: props.messagesUrl,
        INFERENCE_PROFILE_PREFIX: props.inferenceProfilePrefix,
        ACCOUNT_ID: Stack.of(this).account,
        ENDPOINT_ROLE_NAMES: props.endpointRoleNames,
        SEALING_KEY_ARN: props.sealing.key.keyArn,
        // Both speak to a destination: this one tests it.
        PUBLISHER_ROLE_ARNS: Lazy.string({
          produce: (): string => `${props.outboxRoleArn},${this.function.role?.roleArn}`,
        }),
        ...outboundEnvironment(props.outbound),
      },
      memoryMb: 1024,
      // An export of a year streams for minutes.
      timeoutSeconds: 900,
      logRetention: props.logRetention,
      reservedConcurrency: props.reservedConcurrency,
    })
    const write = ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem']
    control.allow(tables.core, ['BatchGetItem', 'GetItem', 'Query', ...write], ['GSI1', 'GSI2', 'GSI3'])
    // A key that gets a budget, or a successor, takes along what it has spent.
    control.allow(tables.usage, ['BatchGetItem', 'Query', 'PutItem'], ['GSI1'])
    control.allow(tables.events, ['GetItem', 'PutItem', 'UpdateItem', 'Query'], ['GSI1', 'GSI2', 'GSI3'])
    control.allow(tables.ephemeral, ['GetItem', 'PutItem', 'UpdateItem', 'Query'])
    for (const secret of [secrets.admin, secrets.session, secrets.origin]) control.allowSecret(secret)
    const asking = [listInferenceProfiles(), readInferenceProfiles(), listQuotas(), readPriceLists()]
    const telling = [props.sealing.allowing('Encrypt', 'Decrypt'), ...notify(props.outbound)]
    for (const statement of [...asking, ...telling, assumeEndpointRoles(props.endpointRoleNames)])
      control.function.addToRolePolicy(statement)
    this.function = control.function
    this.url = addPublicUrl(control.function)
  }
}
