/** What the resources of the template are called on this machine: the answers to `Ref` and `Fn::GetAtt`. */
import type { Scope } from './intrinsics.ts'
import { STACK, type Template } from './template.ts'

const ACCOUNT = '000000000000'
const REGION = 'us-east-1'

export const tableNameOf = (logicalId: string): string => `${STACK}-${logicalId}`
/** @param index Of one of its indexes. */
export const tableArnOf = (tableName: string, index?: string): string =>
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${tableName}${index === undefined ? '' : `/index/${index}`}`
export const secretArnOf = (logicalId: string): string =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${logicalId}`
export const functionArnOf = (logicalId: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${logicalId}`
export const keyArnOf = (logicalId: string): string => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${logicalId}`
/** The host name by which the template speaks of a function URL or bucket; the distribution looks the real address up under it. */
export const urlHostOf = (logicalId: string): string => `${logicalId.toLowerCase()}.lambda-url.local`
export const bucketHostOf = (logicalId: string): string => `${logicalId.toLowerCase()}.s3.local`

const REFS: Readonly<Record<string, (logicalId: string) => string>> = {
  'AWS::DynamoDB::Table': tableNameOf,
  'AWS::SecretsManager::Secret': secretArnOf,
  'AWS::Lambda::Function': functionArnOf,
  'AWS::IAM::Role': (logicalId) => logicalId,
  'AWS::S3::Bucket': (logicalId) => logicalId.toLowerCase(),
  'AWS::SNS::Topic': (logicalId) => `arn:aws:sns:${REGION}:${ACCOUNT}:${logicalId}`,
  'AWS::CloudFront::ResponseHeadersPolicy': (logicalId) => logicalId,
  'AWS::CloudFront::Distribution': (logicalId) => logicalId,
}

const ATTRIBUTES: Readonly<Record<string, (logicalId: string) => string>> = {
  'AWS::DynamoDB::Table.Arn': (logicalId) => tableArnOf(tableNameOf(logicalId)),
  'AWS::DynamoDB::Table.StreamArn': (logicalId) => `stream-of:${tableNameOf(logicalId)}`,
  'AWS::KMS::Key.Arn': keyArnOf,
  'AWS::IAM::Role.Arn': (logicalId) => `arn:aws:iam::${ACCOUNT}:role/${logicalId}`,
  'AWS::Lambda::Function.Arn': functionArnOf,
  'AWS::Lambda::Url.FunctionUrl': (logicalId) => `https://${urlHostOf(logicalId)}/`,
  'AWS::S3::Bucket.RegionalDomainName': bucketHostOf,
  'AWS::CloudFront::Function.FunctionARN': (logicalId) => logicalId,
  'AWS::CloudFront::Distribution.DomainName': () => 'distribution.local',
  'AWS::CloudFront::OriginAccessControl.Id': (logicalId) => logicalId,
}

/** @param secretValue The current value of a secret, by ARN. */
export function scopeOf(template: Template, secretValue: (arn: string) => string | undefined): Scope {
  const answer = (table: typeof REFS, what: string, logicalId: string): string => {
    const known = table[what]
    if (known === undefined) throw new Error(`the template asks ${logicalId} for ${what}, which is not known here`)
    return known(logicalId)
  }
  return {
    ref: (logicalId) => answer(REFS, template.typeOf(logicalId), logicalId),
    attribute: (logicalId, attribute) => answer(ATTRIBUTES, `${template.typeOf(logicalId)}.${attribute}`, logicalId),
    condition: (name) => {
      throw new Error(`the template has a condition ${name}, which is not known here`)
    },
    secret: (arn, member) => {
      const value = secretValue(arn)
      if (value === undefined) throw new Error(`there is no secret ${arn}`)
      return member === '' ? value : String((JSON.parse(value) as Record<string, unknown>)[member])
    },
  }
}
