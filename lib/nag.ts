/**
 * Where the stack knowingly does not do what cdk-nag's AwsSolutions rules ask for, one reason each. Plain data: the rules are run by
 * `test/lib/nag.test.ts` and never by a deployment, which must not need them; one that excuses nothing any more fails there.
 */

export interface Suppression {
  /** Path of the construct below the stack; what is below it is excused too. */
  readonly path: string
  /** With what was found, in brackets, where the rule tells it. */
  readonly rule: string
  readonly reason: string
}

/** CDK's own function that copies the portal's files into the bucket. */
const UPLOADER = 'Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C'

const MESSAGES = 'MessagesApi/Messages'
const CONTROL = 'ControlApi/Control'
const WATCH = 'Schedules/Watch'
const OUTBOX = 'Schedules/Outbox'
const PRICES = 'Schedules/Prices'

/** One pattern in the policies of some functions, for one reason. */
const inRolesOf = (functions: readonly string[], resources: readonly string[], reason: string): Suppression[] =>
  functions.flatMap((path) =>
    resources.map((resource) => ({
      path: `${path}/Role/DefaultPolicy`,
      rule: `IAM5[Resource::${resource}]`,
      reason,
    })),
  )

const bedrock = (account: string, kind: string): string => `arn:<AWS::Partition>:bedrock:${account}:${kind}`
const inAccount = (kind: string): string => bedrock('*:<AWS::AccountId>', kind)
const APPLICATION_PROFILES = inAccount('application-inference-profile/*')

const UPLOADER_ACTIONS = "CDK's own grant of its uploader, on the bucket of the assets and that of the portal alone."

export const SUPPRESSIONS: readonly Suppression[] = [
  {
    path: 'Tables/Ephemeral',
    rule: 'DDB3',
    reason: 'Holds what may be forgotten: rate windows and sign-ins that are under way.',
  },
  {
    path: 'Secrets/Admin',
    rule: 'SMG4',
    reason: 'A person changes it in place; a rotation would lock that person out.',
  },
  {
    path: 'Secrets/Session',
    rule: 'SMG4',
    reason: 'Changed by hand when it has to be: two versions are honoured, so nobody is signed out.',
  },
  {
    path: 'Secrets/Origin',
    rule: 'SMG4',
    reason: 'Is written into the distribution by a deployment: a rotation outside of one would cut the portal off.',
  },
  {
    path: 'Sealing/Key',
    rule: 'KMS5',
    reason: 'Each of the first two rotations adds a dollar a month, for a handful of secrets that can be entered anew.',
  },
  ...inRolesOf(
    [CONTROL, OUTBOX],
    ['arn:<AWS::Partition>:sns:*:<AWS::AccountId>:*', 'arn:<AWS::Partition>:events:*:<AWS::AccountId>:event-bus/*'],
    'The administrator chooses a topic or a bus of the account in the portal; a deployment may name fewer.',
  ),
  ...inRolesOf(
    [MESSAGES, WATCH],
    [
      inAccount('inference-profile/*anthropic.claude*'),
      bedrock('*:', 'foundation-model/anthropic.claude*'),
      bedrock(':', 'foundation-model/anthropic.claude*'),
    ],
    'A cross-region profile answers from any region of its geography, so the region is open; the models are Claude alone.',
  ),
  ...inRolesOf(
    [MESSAGES, WATCH],
    [APPLICATION_PROFILES],
    'Their ids are chance and tell no model; the foundation model behind has to be allowed too, and is Claude alone.',
  ),
  ...inRolesOf(
    [MESSAGES, WATCH],
    [inAccount('guardrail/*'), inAccount('guardrail-profile/*')],
    'The administrator chooses a guardrail of the account in the portal; to apply one only ever restricts.',
  ),
  ...inRolesOf(
    [MESSAGES, CONTROL, WATCH],
    ['arn:<AWS::Partition>:iam::*:role/ccag-*'],
    'Accounts are added in the portal; each decides by the trust policy of its own role, and the name is narrowed.',
  ),
  ...inRolesOf(
    [CONTROL, WATCH],
    [inAccount('inference-profile/*')],
    'Read only: which model a profile is for that the administrator has named, in whatever region.',
  ),
  ...inRolesOf(
    [CONTROL],
    [APPLICATION_PROFILES],
    'Read only: which model a profile is for that the administrator has named, in whatever region.',
  ),
  ...inRolesOf(
    [CONTROL],
    ['*'],
    'bedrock:ListInferenceProfiles, servicequotas:ListServiceQuotas and the price lists of AWS cannot be narrowed to a resource.',
  ),
  ...inRolesOf([WATCH], ['*'], 'bedrock:ListInferenceProfiles cannot be narrowed to a resource.'),
  ...inRolesOf(
    [PRICES],
    ['*'],
    'pricing:ListPriceLists and pricing:GetPriceListFileUrl know no resource of an account.',
  ),
  {
    path: 'Schedules/Outbox/Role/DefaultPolicy',
    rule: 'IAM5[Resource::*]',
    reason: 'dynamodb:ListStreams, which CDK grants a reader of a stream, cannot be narrowed to a resource.',
  },
  { path: 'Portal/Bucket', rule: 'S1', reason: 'The same public files for everybody; who read them tells nothing.' },
  {
    path: 'Distribution/Distribution',
    rule: 'CFR1',
    reason: 'Where people may work from is for the company to decide, with a key or without.',
  },
  {
    path: 'Distribution/Distribution',
    rule: 'CFR2',
    reason:
      'A firewall costs more than the whole unused gateway, and cannot read a prompt of megabytes; every route asks for a credential.',
  },
  {
    path: 'Distribution/Distribution',
    rule: 'CFR3',
    reason:
      "What matters is in the functions' logs; a log of addresses and paths would have to be guarded and deleted.",
  },
  {
    path: 'Distribution/Distribution',
    rule: 'CFR4',
    reason: "CloudFront's own name allows no other policy; with a domain of one's own it is TLS 1.2 of 2021.",
  },
  {
    path: `${UPLOADER}/ServiceRole`,
    rule: 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason: "CDK's own uploader; it runs during deployments only.",
  },
  ...[
    'Action::s3:GetBucket*',
    'Action::s3:GetObject*',
    'Action::s3:List*',
    'Action::s3:Abort*',
    'Action::s3:DeleteObject*',
    'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
    'Resource::<PortalBucketAF6949F3.Arn>/*',
  ].map((found) => ({
    path: `${UPLOADER}/ServiceRole/DefaultPolicy`,
    rule: `IAM5[${found}]`,
    reason: UPLOADER_ACTIONS,
  })),
  {
    path: UPLOADER,
    rule: 'L1',
    reason: 'CDK chooses the runtime of its own uploader, and renews it with its releases.',
  },
]
