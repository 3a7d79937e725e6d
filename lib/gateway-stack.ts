import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { ControlApi } from './constructs/control-api.ts'
import { GatewayDistribution } from './constructs/gateway-distribution.ts'
import { GatewaySecrets } from './constructs/gateway-secrets.ts'
import { GatewayTables } from './constructs/gateway-tables.ts'
import { MessagesApi } from './constructs/messages-api.ts'
import { PortalSite } from './constructs/portal-site.ts'
import { Schedules } from './constructs/schedules.ts'

export interface GatewayStackProps extends StackProps {
  /** Where requests may be answered: `global` (list price), or a geography such as `us` or `eu` (10 % more). */
  readonly inferenceProfilePrefix: string
  /**
   * Keeps environments free for the administrator, so that a thousand open streams cannot starve him. Off by default: an
   * account whose quota is small has none to spare.
   */
  readonly reservedConcurrency: boolean
}

/** The administrator's pages ask a few things at once; the scheduled functions run one at a time. */
const RESERVED_CONTROL = 10
const RESERVED_SCHEDULED = 1

/** The whole gateway, in the order in which a request meets it. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    super(scope, id, props)
    const reserved = (environments: number): number | undefined =>
      props.reservedConcurrency ? environments : undefined

    const tables = new GatewayTables(this, 'Tables')
    const secrets = new GatewaySecrets(this, 'Secrets')

    const { url: messages } = new MessagesApi(this, 'MessagesApi', {
      tables,
      inferenceProfilePrefix: props.inferenceProfilePrefix,
    })
    const { url: control } = new ControlApi(this, 'ControlApi', {
      tables,
      secrets,
      reservedConcurrency: reserved(RESERVED_CONTROL),
    })
    new Schedules(this, 'Schedules', { tables, reservedConcurrency: reserved(RESERVED_SCHEDULED) })

    const portal = new PortalSite(this, 'Portal')
    const { distribution } = new GatewayDistribution(this, 'Distribution', {
      messages,
      control,
      portal: portal.bucket,
      originSecret: secrets.origin,
    })
    portal.deployThrough(distribution)

    // Nobody is subscribed yet: who wants to hear of alarms subscribes to the topic the output names.
    const alarms = new Topic(this, 'Alarms', { displayName: 'Claude Code Gateway', enforceSSL: true })

    this.tell({
      GatewayUrl: `https://${distribution.distributionDomainName}`,
      PortalUrl: `https://${distribution.distributionDomainName}/portal/`,
      MessagesUrl: messages.url,
      ControlUrl: control.url,
      AdminSecretArn: secrets.admin.secretArn,
      AlarmTopicArn: alarms.topicArn,
      CoreTable: tables.core.tableName,
      UsageTable: tables.usage.tableName,
      EventsTable: tables.events.tableName,
      EphemeralTable: tables.ephemeral.tableName,
    })
  }

  private tell(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
