/**
 * The models Bedrock has on this machine, and where each may be called. Source: Amazon Bedrock user guide, "Supported inference
 * profiles" and the model cards.
 */

export interface Model {
  /** The foundation model's id, e.g. `anthropic.claude-sonnet-4-6`. */
  readonly id: string
  /** Prefixes of its system-defined inference profiles. */
  readonly prefixes: readonly string[]
}

const WIDE = ['global', 'us', 'eu', 'jp', 'au']

const claude = (id: string, prefixes: readonly string[]): Model => ({ id: `anthropic.${id}`, prefixes })

const MODELS: readonly Model[] = [
  claude('claude-fable-5-1', WIDE),
  claude('claude-fable-5', WIDE),
  claude('claude-opus-5-5', WIDE),
  claude('claude-sonnet-5-5', WIDE),
  claude('claude-haiku-5-5', WIDE),
  claude('claude-opus-5', WIDE),
  claude('claude-sonnet-5', WIDE),
  claude('claude-opus-4-8', WIDE),
  claude('claude-opus-4-7', WIDE),
  claude('claude-opus-4-6-v1', [...WIDE, 'apac']),
  claude('claude-sonnet-4-6', [...WIDE, 'us-gov']),
  claude('claude-opus-4-5-20251101-v1:0', ['global', 'us', 'eu', 'jp']),
  claude('claude-sonnet-4-5-20250929-v1:0', [...WIDE, 'us-gov']),
  claude('claude-haiku-4-5-20251001-v1:0', WIDE),
  claude('claude-sonnet-4-20250514-v1:0', ['global', 'us', 'eu', 'apac']),
  { id: 'amazon.nova-2-lite-v1:0', prefixes: ['global', 'us', 'eu', 'jp'] },
  { id: 'amazon.nova-pro-v1:0', prefixes: ['us', 'eu', 'apac', 'us-gov'] },
  { id: 'meta.llama4-maverick-17b-instruct-v1:0', prefixes: ['us'] },
]

/** Prefixes of the profiles a region offers: of its geography, and `global` outside GovCloud. */
function prefixesIn(region: string): readonly string[] {
  if (region.startsWith('us-gov-')) return ['us-gov']
  if (region.startsWith('us-') || region.startsWith('ca-')) return ['us', 'global']
  if (region.startsWith('eu-')) return ['eu', 'global']
  if (region === 'ap-northeast-1' || region === 'ap-northeast-3') return ['jp', 'apac', 'global']
  if (region === 'ap-southeast-2' || region === 'ap-southeast-4') return ['au', 'apac', 'global']
  return region.startsWith('ap-') ? ['apac', 'global'] : ['global']
}

/** Where a profile sends a request, for the list of its models. `undefined` stands for anywhere. */
const DESTINATIONS: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'],
  jp: ['ap-northeast-1', 'ap-northeast-3'],
  apac: ['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
  au: ['ap-southeast-2', 'ap-southeast-4'],
  'us-gov': ['us-gov-east-1', 'us-gov-west-1'],
}

export const destinationsOf = (prefix: string, region: string): readonly string[] =>
  DESTINATIONS[prefix] ?? ['', region]

export const modelOf = (id: string): Model | undefined => MODELS.find((model) => model.id === id)

export interface SystemProfile {
  readonly id: string
  readonly prefix: string
  readonly model: Model
}

const offered = new Map<string, readonly SystemProfile[]>()

/** The system-defined profiles that a region offers. Every call asks for them, so they are made once. */
export function profilesIn(region: string): readonly SystemProfile[] {
  const known = offered.get(region) ?? makeProfiles(region)
  offered.set(region, known)
  return known
}

const makeProfiles = (region: string): readonly SystemProfile[] =>
  prefixesIn(region).flatMap((prefix) =>
    MODELS.filter(({ prefixes }) => prefixes.includes(prefix)).map((model) => ({
      id: `${prefix}.${model.id}`,
      prefix,
      model,
    })),
  )

/** `anthropic.claude-sonnet-4-5-20250929-v1:0` → `claude-sonnet-4-5`: what rules about models go by. */
export const nameOf = (foundationId: string): string =>
  foundationId
    .replace(/^anthropic\./, '')
    .replace(/-v\d+(:\d+)?$/, '')
    .replace(/-\d{8}$/, '')
