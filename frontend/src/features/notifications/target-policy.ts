/** What lets this gateway's roles publish to a topic or bus, with their own names in it. */
import type { DestinationType, Publisher } from '../../api/notification-queries.ts'

const ACTIONS = { sns: 'sns:Publish', eventbridge: 'events:PutEvents' } as const

export type TargetType = keyof typeof ACTIONS

export const isTarget = (type: DestinationType): type is TargetType => type !== 'webhook'

/** `123456789012`, of a whole ARN. */
export const accountOf = (arn: string): string | undefined => /^arn:[\w-]+:[a-z]+:[\w-]*:(\d{12}):/.exec(arn)?.[1]

const partitionOf = (region: string): string => {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return region.startsWith('cn-') ? 'aws-cn' : 'aws'
}

const EXAMPLES: Readonly<Record<TargetType, string>> = { sns: 'sns', eventbridge: 'events' }
const NAMES: Readonly<Record<TargetType, string>> = { sns: 'claude-notifications', eventbridge: 'event-bus/claude' }

/** What one would look like here. */
export const exampleArn = (type: TargetType, { region, account_id }: Publisher): string =>
  `arn:${partitionOf(region)}:${EXAMPLES[type]}:${region}:${account_id}:${NAMES[type]}`

/** Sources: Amazon SNS developer guide, "Example cases for access control"; Amazon EventBridge user guide, "Resource-based policies". */
export function targetPolicy(type: TargetType, arn: string, publisher: Publisher): string {
  const statement = {
    Sid: 'ClaudeCodeGateway',
    Effect: 'Allow',
    Principal: { AWS: publisher.role_arns },
    Action: ACTIONS[type],
    Resource: accountOf(arn) === undefined ? exampleArn(type, publisher) : arn,
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2)
}
