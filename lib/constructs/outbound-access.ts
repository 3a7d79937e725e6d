import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

/** Where functions may speak to beyond this gateway, as the deployment has it. */
export interface OutboundProps {
  /** Hosts that may be asked wherever they are. */
  readonly allowedHosts: readonly string[]
  /** Hosts whose pages the model may read wherever they are. */
  readonly pageHosts: readonly string[]
  /** PEM; empty: none. */
  readonly extraCa: string
  /** ARNs (or patterns) of topics and buses that notifications may go to; none: those of the own account. */
  readonly notificationTargets: readonly string[]
}

const OWN = {
  sns: `arn:${Aws.PARTITION}:sns:*:${Aws.ACCOUNT_ID}:*`,
  events: `arn:${Aws.PARTITION}:events:*:${Aws.ACCOUNT_ID}:event-bus/*`,
} as const

/** The administrator chooses topic or bus in the portal; how far the choice goes, the deployment says. */
export function notify({ notificationTargets }: OutboundProps): PolicyStatement[] {
  const of = (service: 'sns' | 'events', action: string): PolicyStatement[] => {
    const named = notificationTargets.filter((arn) => arn.split(':')[2] === service)
    const resources = notificationTargets.length === 0 ? [OWN[service]] : named
    return resources.length === 0 ? [] : [new PolicyStatement({ actions: [action], resources })]
  }
  return [...of('sns', 'sns:Publish'), ...of('events', 'events:PutEvents')]
}

export const outboundEnvironment = ({ allowedHosts, extraCa }: OutboundProps) => ({
  ...(allowedHosts.length > 0 && { OUTBOUND_ALLOWED_HOSTS: allowedHosts.join(',') }),
  ...(extraCa !== '' && { OUTBOUND_EXTRA_CA: extraCa }),
})
