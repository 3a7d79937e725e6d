/** Where requests may be answered, and from which regions they are sent there. */
import type { Endpoint } from '../../api/endpoint-types.ts'

export type Scope = Endpoint['routing_prefix']

interface ScopeWords {
  readonly name: string
  /** Ends a sentence that begins with the name. */
  readonly meaning: string
  /** In which a request may begin, the usual one first. A region that is newer than this list may be typed. */
  readonly regions: readonly string[]
}

const AMERICAN = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1']
const EUROPEAN = [
  'eu-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-2',
  'eu-west-3',
]
const JAPANESE = ['ap-northeast-1', 'ap-northeast-3']
const AUSTRALIAN = ['ap-southeast-2', 'ap-southeast-4']
const ASIAN = [
  'ap-southeast-1',
  ...JAPANESE,
  ...AUSTRALIAN,
  'ap-northeast-2',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-3',
  'me-central-1',
]

/** Source: Amazon Bedrock user guide, "Supported Regions and models for inference profiles". */
export const SCOPES: Readonly<Record<Scope, ScopeWords>> = {
  us: { name: 'US', meaning: 'answered in the United States', regions: AMERICAN },
  eu: { name: 'EU', meaning: 'answered in the European Union', regions: EUROPEAN },
  apac: { name: 'Asia Pacific', meaning: 'answered in Asia and the Pacific', regions: ASIAN },
  jp: { name: 'Japan', meaning: 'answered in Japan', regions: JAPANESE },
  au: { name: 'Australia', meaning: 'answered in Australia', regions: AUSTRALIAN },
  global: {
    name: 'Global',
    meaning: 'answered in any commercial region: the most capacity, and no say in where',
    regions: [...new Set([...AMERICAN, ...EUROPEAN, ...ASIAN, 'sa-east-1'])],
  },
  'us-gov': { name: 'US GovCloud', meaning: 'answered in GovCloud', regions: ['us-gov-west-1', 'us-gov-east-1'] },
}

export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[]

/** @returns undefined where the endpoint is in the gateway's own account. */
export const accountOf = ({ role_arn }: Pick<Endpoint, 'role_arn'>): string | undefined => role_arn?.split(':')[4]
