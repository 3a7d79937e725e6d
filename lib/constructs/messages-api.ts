import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { InferenceProfilePrefix } from '../settings.ts'
import { applyGuardrails, assumeEndpointRoles, callClaude } from './bedrock-access.ts'
import { GatewayFunction } from './gateway-function.ts'
import type { GatewayKey } from './gateway-key.ts'
import type { GatewayTables } from './gateway-tables.ts'
import { type OutboundProps, outboundEnvironment } from './outbound-access.ts'
import { addPublicUrl } from './public-url.ts'

export interface MessagesApiProps {
  readonly tables: GatewayTables
  /** First part of the inference profile ids asked for: `global`, `us`, `eu`, … */
  readonly inferenceProfilePrefix: InferenceProfilePrefix
  /** Which roles of other accounts it may assume. */
  readonly endpointRoleNames: string
  /** Origins whose pages may call, beside Anthropic's own. */
  readonly allowedOrigins: readonly string[]
  /** Keys of search providers are sealed under it. */
  readonly sealing: GatewayKey
  readonly outbound: OutboundProps
  readonly logRetention: RetentionDays
}

/** The data plane: what Claude Code talks to. */
export class MessagesApi extends Construct {
  readonly url: FunctionUrl
  readonly function: NodejsFunction

  constructor(scope: Construct, id: string, props: MessagesApiProps) {
    super(scope, id)
    const { tables, inferenceProfilePrefix, endpointRoleNames, allowedOrigins, logRetention } = props
    const messages = new GatewayFunction(this, 'Messages', {
      name: 'messages',
      description: 'Claude Code Gateway: /v1/messages and what belongs to it',
      environment: {
        CORE_TABLE: tables.core.tableName,
        USAGE_TABLE: tables.usage.tableName,
        EVENTS_TABLE: tables.events.tableName,
        EPHEMERAL_TABLE: tables.ephemeral.tableName,
        INFERENCE_PROFILE_PREFIX: inferenceProfilePrefix,
        SEALING_KEY_ARN: props.sealing.key.keyArn,
        ...outboundEnvironment(props.outbound),
        ...(props.outbound.pageHosts.length > 0 && { WEB_FETCH_ALLOWED_HOSTS: props.outbound.pageHosts.join(',') }),
        ...(allowedOrigins.length > 0 && { ALLOWED_ORIGINS: allowedOrigins.join(',') }),
      },
      // 1,769 MB is one whole processor; a request of megabytes is parsed and signed on it.
      memoryMb: 1769,
      // Lambda's longest: an answer may take minutes.
      timeoutSeconds: 900,
      logRetention,
    })
    messages.allow(tables.core, ['BatchGetItem', 'GetItem', 'Query'])
    messages.allow(tables.usage, ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'])
    messages.allow(tables.events, ['PutItem'])
    messages.allow(tables.ephemeral, ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem'])
    const asking = callClaude('InvokeModel', 'InvokeModelWithResponseStream', 'CountTokens')
    // Of search providers.
    const openingKeys = props.sealing.allowing('Decrypt')
    for (const statement of [asking, applyGuardrails(), assumeEndpointRoles(endpointRoleNames), openingKeys])
      messages.function.addToRolePolicy(statement)
    this.function = messages.function
    this.url = addPublicUrl(messages.function)
  }
}
