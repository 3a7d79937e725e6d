/** Inference profiles: the system's own, and the application profiles of an account. Source: Amazon Bedrock API reference, InferenceProfileSummary. */
import { partitionOf } from '../aws/caller.ts'
import { destinationsOf, type Model, modelOf, nameOf, profilesIn } from './models.ts'
import { invalid, type Refusal } from './validation.ts'

/** An application inference profile: an account's own name for a model, to which costs are put down. */
export interface ApplicationProfile {
  /** `arn:aws:bedrock:<region>:<account>:application-inference-profile/<id>` */
  readonly arn: string
  /** What it calls: the id of a foundation model or of a system-defined profile. */
  readonly model: string
  readonly account: string
  readonly region: string
}

/** Whoever asks, and where. */
export interface Asker {
  readonly account: string
  readonly region: string
  readonly arn: string
}

export interface ProfileSummary {
  readonly inferenceProfileId: string
  readonly inferenceProfileArn: string
  readonly inferenceProfileName: string
  readonly status: 'ACTIVE'
  readonly type: 'SYSTEM_DEFINED' | 'APPLICATION'
  readonly createdAt: string
  readonly updatedAt: string
  readonly models: readonly { readonly modelArn: string }[]
}

/** What a call with a model id comes to. */
export interface Resolved {
  /** The foundation model's id. */
  readonly model: string
}

export interface Profiles {
  define(profile: ApplicationProfile): void
  list(asker: Asker, type: string | null): readonly ProfileSummary[]
  /** @param id Of a profile, or its ARN. */
  find(id: string, asker: Asker): ProfileSummary | undefined
  /** @param id As a call names its model: an id, a profile's id, an ARN. */
  resolve(id: string, asker: Asker): Resolved | Refusal
}

const BORN = '2026-01-01T00:00:00.000Z'

const modelArns = (model: Model, prefix: string, region: string): ProfileSummary['models'] =>
  destinationsOf(prefix, region).map((at) => ({
    modelArn: `arn:${partitionOf(region)}:bedrock:${at}::foundation-model/${model.id}`,
  }))

function systemProfiles({ account, region }: Asker): readonly ProfileSummary[] {
  return profilesIn(region).map(({ id, prefix, model }) => ({
    inferenceProfileId: id,
    inferenceProfileArn: `arn:${partitionOf(region)}:bedrock:${region}:${account}:inference-profile/${id}`,
    inferenceProfileName: `${prefix.toUpperCase()} ${nameOf(model.id)}`,
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
    createdAt: BORN,
    updatedAt: BORN,
    models: modelArns(model, prefix, region),
  }))
}

function applicationProfile({ arn, model, region }: ApplicationProfile): ProfileSummary {
  const id = arn.slice(arn.indexOf('/') + 1)
  const system = profilesIn(region).find((profile) => profile.id === model)
  const models = system
    ? modelArns(system.model, system.prefix, region)
    : [{ modelArn: `arn:${partitionOf(region)}:bedrock:${region}::foundation-model/${model}` }]
  return {
    inferenceProfileId: id,
    inferenceProfileArn: arn,
    inferenceProfileName: id,
    status: 'ACTIVE',
    type: 'APPLICATION',
    createdAt: BORN,
    updatedAt: BORN,
    models,
  }
}

export function createProfiles(): Profiles {
  const applications = new Map<string, ApplicationProfile>()
  const listed = (asker: Asker, type: string | null): readonly ProfileSummary[] =>
    type === 'APPLICATION'
      ? [...applications.values()]
          .filter(({ account, region }) => account === asker.account && region === asker.region)
          .map(applicationProfile)
      : systemProfiles(asker)
  return {
    define: (profile) => void applications.set(profile.arn, profile),
    list: listed,
    find: (id, asker) =>
      [...systemProfiles(asker), ...listed(asker, 'APPLICATION')].find(
        ({ inferenceProfileId, inferenceProfileArn }) => id === inferenceProfileId || id === inferenceProfileArn,
      ),
    resolve: (id, asker) => resolveModel(id, asker, applications),
  }
}

const UNKNOWN = invalid('The provided model identifier is invalid.')
const ARN =
  /^arn:aws[a-z-]*:bedrock:([a-z0-9-]*):(\d*):(inference-profile|application-inference-profile|foundation-model)\/(.+)$/

function resolveModel(
  id: string,
  asker: Asker,
  applications: ReadonlyMap<string, ApplicationProfile>,
): Resolved | Refusal {
  const [, region, account, kind, tail] = ARN.exec(id) ?? []
  if (kind === undefined || tail === undefined) return resolveId(id, asker)
  if (region !== asker.region) return UNKNOWN
  if (kind === 'foundation-model') return resolveId(tail, asker)
  if (account !== asker.account) return denied(asker, id)
  if (kind === 'inference-profile') return resolveId(tail, asker)
  const application = applications.get(id)
  if (application === undefined) return UNKNOWN
  const system = profilesIn(asker.region).find((profile) => profile.id === application.model)
  return { model: system?.model.id ?? application.model }
}

function resolveId(id: string, asker: Asker): Resolved | Refusal {
  const profile = profilesIn(asker.region).find((known) => known.id === id)
  if (profile !== undefined) return { model: profile.model.id }
  if (modelOf(id) === undefined) return UNKNOWN
  return invalid(
    `Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
  )
}

const denied = ({ arn }: Asker, resource: string): Refusal => ({
  status: 403,
  type: 'AccessDeniedException',
  message: `User: ${arn} is not authorized to perform: bedrock:InvokeModel on resource: ${resource} because no resource-based policy allows the bedrock:InvokeModel action`,
})
