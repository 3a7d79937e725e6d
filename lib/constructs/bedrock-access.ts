import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

/**
 * Claude and nothing else. A cross-region profile needs both ARNs: the profile's in this region, and the foundation
 * model's in every region it may route to (`global.` profiles route without a region in the ARN).
 * Source: Amazon Bedrock user guide, "Prerequisites for inference profiles".
 */
export const callClaude = (): PolicyStatement =>
  new PolicyStatement({
    actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:CountTokens'],
    resources: [
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:inference-profile/*anthropic.claude*`,
      `arn:${Aws.PARTITION}:bedrock:*::foundation-model/anthropic.claude*`,
      `arn:${Aws.PARTITION}:bedrock:::foundation-model/anthropic.claude*`,
    ],
  })

/** Listing has no resource to narrow it to. */
export const listInferenceProfiles = (): PolicyStatement =>
  new PolicyStatement({ actions: ['bedrock:ListInferenceProfiles'], resources: ['*'] })
