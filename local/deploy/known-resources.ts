/**
 * What the template may hold: what is made here, and what has nothing to do on one machine. Anything else is an error that names it, so
 * that a construct which begins to use something new is noticed, and not left out in silence.
 */
import type { Template } from './template.ts'

const MADE_HERE = new Set([
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Url',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'Custom::CDKBucketDeployment',
])

/** Type → why nothing is made of it. */
const NOTHING_TO_DO: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'tells AWS which constructs were used',
  'AWS::CloudFront::OriginAccessControl': 'the distribution reads the folder itself',
  'AWS::CloudWatch::Alarm': 'nobody measures; the figures are in the log',
  'AWS::CloudWatch::Dashboard': 'nobody measures; the figures are in the log',
  'AWS::IAM::Policy': 'read by permissions.ts; behind the fault proxy a function is held to it',
  'AWS::IAM::Role': 'what it may do stands in its policies',
  'AWS::KMS::Alias': 'a name for people; the functions are told the key itself',
  'AWS::Lambda::EventInvokeConfig': 'how long an invocation may wait; here none does',
  'AWS::Lambda::LayerVersion': "belongs to a function of CDK's own, which is not started",
  'AWS::Lambda::Permission': 'permissions are not checked here',
  'AWS::Logs::LogGroup': 'the log is a file',
  'AWS::S3::BucketPolicy': 'permissions are not checked here',
  'AWS::Route53::RecordSet': 'there is one address here, and it is told',
  'AWS::SNS::Topic': 'alarms go there, and there are none here',
  'AWS::SNS::TopicPolicy': 'permissions are not checked here',
}

/** @throws Error naming each resource that is neither made nor known to be of no use here. */
export function refuseUnknownResources(template: Template): void {
  const unknown = template.resources.filter(({ type }) => !MADE_HERE.has(type) && NOTHING_TO_DO[type] === undefined)
  if (unknown.length > 0) {
    const named = unknown.map(({ logicalId, type }) => `${logicalId} (${type})`)
    throw new Error(`the template has resources that are not known here: ${named.join(', ')}`)
  }
  const optional = template.resources.filter(({ type, condition }) => MADE_HERE.has(type) && condition !== undefined)
  if (optional.length > 0) {
    const named = optional.map(({ logicalId, condition }) => `${logicalId} (${condition})`)
    throw new Error(`the template has resources under a condition, which is not known here: ${named.join(', ')}`)
  }
}
