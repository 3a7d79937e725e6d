import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

type ClaudeOperation = 'InvokeModel' | 'InvokeModelWithResponseStream' | 'CountTokens'

/**
 * Claude and nothing else. A cross-region profile needs both ARNs: the profile's in this region, and the foundation
 * model's in every region it may route to (`global.` profiles route without a region in the ARN). The id of an application
 * inference profile says nothing of its model, but it too needs the foundation model's ARN. Bedrock's Messages API has no
 * actions of its own on Bedrock Runtime.
 * Sources: Amazon Bedrock user guide, "Prerequisites for inference profiles" and "Making inference requests".
 */
export const callClaude = (...operations: readonly ClaudeOperation[]): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `bedrock:${operation}`),
    resources: [
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:inference-profile/*anthropic.claude*`,
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:application-inference-profile/*`,
      `arn:${Aws.PARTITION}:bedrock:*::foundation-model/anthropic.claude*`,
      `arn:${Aws.PARTITION}:bedrock:::foundation-model/anthropic.claude*`,
    ],
  })

/**
 * The account's own guardrails; which one is chosen in the portal. A guardrail that works across regions needs its profile too.
 * Source: Amazon Bedrock user guide, "Set up permissions to use Amazon Bedrock Guardrails".
 */
export const applyGuardrails = (): PolicyStatement =>
  new PolicyStatement({
    actions: ['bedrock:ApplyGuardrail'],
    resources: [
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:guardrail/*`,
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:guardrail-profile/*`,
    ],
  })

/**
 * The roles of endpoints in other accounts. Which accounts is chosen in the portal, so their names are all that is known here; that
 * a role may be assumed, its own trust policy has to say as well.
 * @param roleNames A role's name, or a pattern with `*`.
 */
export const assumeEndpointRoles = (roleNames: string): PolicyStatement =>
  new PolicyStatement({
    actions: ['sts:AssumeRole', 'sts:TagSession'],
    resources: [`arn:${Aws.PARTITION}:iam::*:role/${roleNames}`],
  })

/** Listing has no resource to narrow it to. */
export const listInferenceProfiles = (): PolicyStatement =>
  new PolicyStatement({ actions: ['bedrock:ListInferenceProfiles'], resources: ['*'] })

/** What a profile of the account is for; of any region, as endpoints are. */
export const readInferenceProfiles = (): PolicyStatement =>
  new PolicyStatement({
    actions: ['bedrock:GetInferenceProfile'],
    resources: [
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:inference-profile/*`,
      `arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:application-inference-profile/*`,
    ],
  })

/** Listing has no resource to narrow it to. */
export const listQuotas = (): PolicyStatement =>
  new PolicyStatement({ actions: ['servicequotas:ListServiceQuotas'], resources: ['*'] })

/** What models cost is no resource of anybody's. */
export const readPriceLists = (): PolicyStatement =>
  new PolicyStatement({ actions: ['pricing:ListPriceLists', 'pricing:GetPriceListFileUrl'], resources: ['*'] })
