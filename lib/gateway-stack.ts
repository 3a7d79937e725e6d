import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { Alarms, type GatewayFunctions } from './constructs/alarms.ts'
import { ControlApi } from './constructs/control-api.ts'
import { Dashboard } from './constructs/dashboard.ts'
import { GatewayDistribution } from './constructs/gateway-distribution.ts'
import { GatewayKey } from './constructs/gateway-key.ts'
import { GatewaySecrets } from './constructs/gateway-secrets.ts'
import { GatewayTables } from './constructs/gateway-tables.ts'
import { MessagesApi } from './constructs/messages-api.ts'
import { PortalSite } from './constructs/portal-site.ts'
import { withoutSlash } from './constructs/public-url.ts'
import { Schedules } from './constructs/schedules.ts'
import type { Settings } from './settings.ts'

export interface GatewayStackProps extends StackProps, Settings {}

/** The administrator's pages ask a few things at once; the scheduled functions run one at a time. */
const RESERVED_CONTROL = 10
const RESERVED_SCHEDULED = 1

/** The whole gateway, in the order in which a request meets it. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    super(scope, id, props)
    const { logRetention, concurrencyQuota } = props
    const reserved = (environments: number): number | undefined =>
      props.reservedConcurrency ? environments : undefined

    const tables = new GatewayTables(this, 'Tables')
    const secrets = new GatewaySecrets(this, 'Secrets')
    const sealing = new GatewayKey(this, 'Sealing')
    const { outbound, inferenceProfilePrefix, endpointRoleNames } = props
    const shared = { tables, inferenceProfilePrefix, endpointRoleNames, logRetention }

    const messages = new MessagesApi(this, 'MessagesApi', {
      ...shared,
      sealing,
      outbound,
      allowedOrigins: props.allowedOrigins,
    })
    const scheduled = new Schedules(this, 'Schedules', {
      ...shared,
      sealing,
      outbound,
      reservedConcurrency: reserved(RESERVED_SCHEDULED),
    })
    const control = new ControlApi(this, 'ControlApi', {
      ...shared,
      secrets,
      sealing,
      outbound,
      outboxRoleArn: scheduled.outboxRoleArn,
      // A name of one's own outlives a function; without one, the function's own URL has no limit on silence.
      messagesUrl: props.domain === undefined ? withoutSlash(messages.url) : `https://${props.domain.name}`,
      reservedConcurrency: reserved(RESERVED_CONTROL),
    })

    const portal = new PortalSite(this, 'Portal', { logRetention })
    const { distribution, url } = new GatewayDistribution(this, 'Distribution', {
      messages: messages.url,
      control: control.url,
      portal: portal.bucket,
      originSecret: secrets.origin,
      domain: props.domain,
    })

    // Nobody is subscribed yet: who wants to hear of alarms subscribes to the topic the output names.
    const topic = new Topic(this, 'Alarms', { displayName: 'Claude Code Gateway', enforceSSL: true })
    const functions: GatewayFunctions = {
      messages: messages.function,
      control: control.function,
      watch: scheduled.watch,
      prices: scheduled.prices,
      outbox: scheduled.outbox,
    }
    const observed = { functions, tables, distribution, concurrencyQuota }
    const alarms = new Alarms(this, 'Alarm', { ...observed, topic })
    const dashboard = new Dashboard(this, 'Operations', { ...observed, alarms: alarms.all })

    this.tell({
      GatewayUrl: url,
      PortalUrl: `${url}/portal/`,
      // Where a name of one's own points to, where nobody made the records.
      DistributionDomainName: distribution.distributionDomainName,
      MessagesUrl: messages.url.url,
      ControlUrl: control.url.url,
      AdminSecretArn: secrets.admin.secretArn,
      AlarmTopicArn: topic.topicArn,
      DashboardUrl: dashboard.url,
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
