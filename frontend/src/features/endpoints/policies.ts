/** What the other account has to set up, with this gateway's own values in it. */
import type { GatewayPlace } from '../../api/endpoint-types.ts'
import { accountOf } from './scopes.ts'

interface PolicyValues {
  readonly role_arn: string | null
  readonly external_id: string | null
  readonly guardrail_id: string | null
  readonly region: string
}

const partitionOf = (region: string): string => (region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws')
const written = (policy: object): string => JSON.stringify({ Version: '2012-10-17', ...policy }, null, 2)

/** Who may assume the role. Source: IAM user guide, "Access to AWS accounts owned by third parties". */
export function trustPolicy({ account_id, region }: GatewayPlace, externalId: string | null): string {
  return written({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partitionOf(region)}:iam::${account_id}:root` },
        // The session tells team and person as tags, for the other account's bill and trail.
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        ...(externalId !== null && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
      },
    ],
  })
}

/** What the role may do. Source: Amazon Bedrock user guide, "Prerequisites for inference profiles". */
export function permissionPolicy({ role_arn, guardrail_id, region }: PolicyValues): string {
  const partition = partitionOf(region)
  const account = accountOf({ role_arn }) ?? '*'
  return written({
    Statement: [
      {
        Sid: 'CallClaude',
        Effect: 'Allow',
        Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:CountTokens'],
        Resource: [
          `arn:${partition}:bedrock:*:${account}:inference-profile/*anthropic.claude*`,
          `arn:${partition}:bedrock:*:${account}:application-inference-profile/*`,
          `arn:${partition}:bedrock:*::foundation-model/anthropic.claude*`,
          `arn:${partition}:bedrock:::foundation-model/anthropic.claude*`,
        ],
      },
      { Sid: 'SeeModels', Effect: 'Allow', Action: 'bedrock:ListInferenceProfiles', Resource: '*' },
      { Sid: 'SeeQuotas', Effect: 'Allow', Action: 'servicequotas:ListServiceQuotas', Resource: '*' },
      ...(guardrail_id === null
        ? []
        : [
            {
              Sid: 'ApplyGuardrail',
              Effect: 'Allow',
              Action: 'bedrock:ApplyGuardrail',
              Resource: guardrail_id.startsWith('arn:')
                ? guardrail_id
                : `arn:${partition}:bedrock:${region}:${account}:guardrail/${guardrail_id}`,
            },
          ]),
    ],
  })
}

/** Told to nobody but the two sides: 128 bits, in letters that every form takes. */
export function randomExternalId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `gw-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
