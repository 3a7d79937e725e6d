/** Which models an endpoint offers, beside what its account may use of them: two lists of AWS that know each other by name only. */
import type { ListedModel, Quota } from '../../api/endpoint-types.ts'
import { modelName } from '../../format/model-name.ts'
import type { Scope } from './scopes.ts'

export interface Capability {
  /** `Opus 4.6` */
  readonly model: string
  /** Bedrock has named its inference profile. */
  readonly isOffered: boolean
  /** Ids of those profiles. */
  readonly profiles: readonly string[]
  readonly requestsPerMinute: Quota | undefined
  readonly tokensPerMinute: Quota | undefined
}

/** `Cross-region model inference requests per minute for Anthropic Claude Opus 4.6 V1` */
const QUOTA =
  /^(global )?.*\b(requests|tokens) per minute for anthropic claude (?:(opus|sonnet|haiku|[a-z]+) )?(\d+(?:\.\d+)?)(?: (opus|sonnet|haiku))?/i

/** Nobody routes by them any more. */
const OLDEST = 4

interface NamedQuota {
  readonly model: string
  readonly per: 'requests' | 'tokens'
}

function namedBy(quota: Quota, scope: Scope): NamedQuota | undefined {
  const found = QUOTA.exec(quota.quota_name)
  if (found === null || /1M context/i.test(quota.quota_name)) return undefined
  const [, global, per = '', family, version = '', familyAfter] = found
  const isCrossRegion = /cross-region/i.test(quota.quota_name)
  if (Number(version) < OLDEST || !isCrossRegion || (global !== undefined) !== (scope === 'global')) return undefined
  const name = (family ?? familyAfter ?? '').toLowerCase()
  return {
    model: `${name.charAt(0).toUpperCase()}${name.slice(1)} ${version}`,
    per: per.toLowerCase() === 'requests' ? 'requests' : 'tokens',
  }
}

const FAMILIES = ['Fable', 'Opus', 'Sonnet', 'Haiku']
const versionOf = (model: string): number => Number(model.split(' ').at(-1))
const rankOf = (model: string): number => {
  const rank = FAMILIES.indexOf(model.split(' ')[0] ?? '')
  return rank < 0 ? FAMILIES.length : rank
}

/** The newest first; of one version, the largest first. */
export function capabilitiesOf(
  models: readonly ListedModel[],
  quotas: readonly Quota[],
  scope: Scope,
): readonly Capability[] {
  const all = new Map<string, Capability>()
  const at = (model: string): Capability =>
    all.get(model) ?? {
      model,
      isOffered: false,
      profiles: [],
      requestsPerMinute: undefined,
      tokensPerMinute: undefined,
    }
  for (const { model, id } of models) {
    if (model === null) continue
    const name = modelName(model)
    const before = at(name)
    all.set(name, { ...before, isOffered: true, profiles: [...before.profiles, id] })
  }
  for (const quota of quotas) {
    const named = namedBy(quota, scope)
    if (named === undefined) continue
    const field = named.per === 'requests' ? 'requestsPerMinute' : 'tokensPerMinute'
    all.set(named.model, { ...at(named.model), [field]: quota })
  }
  return [...all.values()].sort((a, b) => versionOf(b.model) - versionOf(a.model) || rankOf(a.model) - rankOf(b.model))
}
