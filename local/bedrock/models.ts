/** The Claude models and inference profiles the simulated account has. Source: Amazon Bedrock user guide, "Supported inference profiles". */

const MODELS = [
  'claude-fable-5',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6-v1',
  'claude-sonnet-4-6',
  'claude-opus-4-5-20251101-v1:0',
  'claude-sonnet-4-5-20250929-v1:0',
  'claude-haiku-4-5-20251001-v1:0',
]

const PREFIXES = ['global', 'us', 'eu', 'jp']

export const PROFILE_IDS: readonly string[] = PREFIXES.flatMap((prefix) =>
  MODELS.map((model) => `${prefix}.anthropic.${model}`),
)

export interface ProfileSummary {
  readonly inferenceProfileId: string
  readonly inferenceProfileArn: string
  readonly inferenceProfileName: string
  readonly status: 'ACTIVE'
  readonly type: 'SYSTEM_DEFINED'
  readonly models: readonly { readonly modelArn: string }[]
}

export function profileOf(id: string, region: string): ProfileSummary {
  const base = id.slice(id.indexOf('.') + 1)
  return {
    inferenceProfileId: id,
    inferenceProfileArn: `arn:aws:bedrock:${region}:000000000000:inference-profile/${id}`,
    inferenceProfileName: id,
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
    models: [{ modelArn: `arn:aws:bedrock:${region}::foundation-model/${base}` }],
  }
}
