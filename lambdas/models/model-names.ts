/** One model, its names on both sides: Anthropic's (what clients send), and Bedrock's (what a target is called with). */
import type { RoutingPrefix } from '../endpoints/endpoint.ts'
import { Fault } from '../platform/fault.ts'
import { CATALOGUE } from './catalogue.ts'

/** Where a request may be answered: anywhere (`global.` profiles, list price) or within one geography (10 % more). */
export type PriceScope = 'global' | 'regional'

/** A model under the name by which Bedrock is called. */
export interface ModelTarget {
  /** Anthropic's undated name; prices and aggregates go by it. */
  readonly name: string
  /** An inference profile id, or the ARN of an application inference profile. */
  readonly bedrockId: string
  readonly scope: PriceScope
}

/** A model as a client names it. */
export interface AskedModel {
  /** The client's own string. */
  readonly requested: string
  /** Anthropic's undated name; `null` while only the ARN of an application inference profile is known. */
  readonly name: string | null
  /** The name without a suffix in brackets, dated where the client dated it; what a profile id is looked for with. */
  readonly stem: string
  /** Of an application inference profile, which only those endpoints serve that know it. */
  readonly arn: string | null
  /** The client asks for the window of a million tokens. */
  readonly longContext: boolean
}

/** Names of Anthropic's models and nothing else. */
const ANTHROPIC_NAME = /^claude-[a-z0-9-]{1,60}$/

/** A Claude model or system-defined profile as Bedrock names it. Where it leads is the endpoint's business: the prefix is not obeyed. */
const BEDROCK_ID = /^(?:(?:global|us|eu|jp|apac|au|us-gov)\.)?(anthropic\.claude-[a-z0-9-]{1,60}(?::\d{1,3})?)$/

/** Source: Amazon Bedrock API reference, InvokeModel, `modelId`. */
const ARN = /^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d{0,12}:([a-z-]+)\/([a-zA-Z0-9.:-]+)$/

/** An ARN has about a hundred characters. What a name is kept in, and looked up by, has an end (a sort key 1,024 bytes). */
const LONGEST_NAME = 256

/** A client's marker after the name, such as `[1m]` for the long context window; it names no other model. */
const SUFFIX = /\[(\w+)\]$/

/** @throws Fault `model_refused` for anything that does not name a Claude model. */
export function readModel(requested: string): AskedModel {
  if (requested.length > LONGEST_NAME) throw unknownModel(requested)
  const suffix = SUFFIX.exec(requested)
  const bare = suffix === null ? requested : requested.slice(0, suffix.index)
  const longContext = suffix?.[1] === '1m'
  const [, kind, tail = ''] = ARN.exec(bare) ?? []
  if (kind === 'application-inference-profile') return { requested, name: null, stem: bare, arn: bare, longContext }
  const named = kind === undefined ? bare : tail
  const bedrock = BEDROCK_ID.exec(named)?.[1]
  if (bedrock === undefined && !ANTHROPIC_NAME.test(named)) throw unknownModel(requested)
  // A version is Bedrock's word, and names no other model, price or rule.
  const stem = stemOf(bedrock ?? `anthropic.${named}`)
  return { requested, name: undated(stem), stem, arn: null, longContext }
}

/** Anthropic's undated name of whatever names a model; `null` for what names none by itself. */
export function nameOfModel(text: string): string | null {
  try {
    return readModel(text).name
  } catch {
    return null
  }
}

export const unknownModel = (requested: string): Fault =>
  new Fault(
    'model_refused',
    `The model "${requested.slice(0, 100)}" is not served here. Use one of the names that GET /v1/models lists, such as claude-opus-5-5.`,
  )

/** `claude-opus-4-8-20270101` → `claude-opus-4-8`. A date after a bare major version tells models apart, and stays. */
function undated(stem: string): string {
  const entry = CATALOGUE.find((known) => known.name === stem || known.dated.includes(stem))
  if (entry !== undefined) return entry.name
  return /^(.+-\d+-\d{1,2})-\d{8}$/.exec(stem)?.[1] ?? stem
}

/** `anthropic.claude-opus-4-6-v1` → `claude-opus-4-6`. */
function stemOf(bedrock: string): string {
  const entry = CATALOGUE.find((known) => known.bedrock === bedrock)
  return entry?.name ?? bedrock.slice('anthropic.'.length).replace(/-v\d+(?::\d+)?$|:\d+$/, '')
}

/** Anthropic's undated name of an inference profile or model id; `null` when it is another vendor's. */
export function nameOfBedrockId(id: string): string | null {
  const bedrock = BEDROCK_ID.exec(id)?.[1]
  return bedrock === undefined ? null : undated(stemOf(bedrock))
}

/** What an endpoint has of models, as far as it is known. */
export interface ModelsThere {
  readonly routingPrefix: RoutingPrefix
  /** Ids of the system-defined profiles that were found; `null` before anybody looked. */
  readonly profiles: readonly string[] | null
  /** Anthropic's undated name → ARN of the application inference profile that is called instead. */
  readonly applicationProfiles: ReadonlyMap<string, string>
}

export interface FoundModel {
  readonly target: ModelTarget
  /** `unlisted`: the endpoint's list is known and the model is not on it; it may be newer than the list. */
  readonly offered: 'listed' | 'unlisted' | 'unknown'
}

/** @returns `null` where the endpoint cannot serve it: it names an application inference profile that is not the endpoint's. */
export function findModel(asked: AskedModel, there: ModelsThere): FoundModel | null {
  const scope = there.routingPrefix === 'global' ? 'global' : 'regional'
  if (asked.arn !== null || asked.name === null) {
    const own = [...there.applicationProfiles].find(([, arn]) => arn === asked.arn)
    return own === undefined ? null : { target: { name: own[0], bedrockId: own[1], scope }, offered: 'listed' }
  }
  const { name } = asked
  const application = there.applicationProfiles.get(name)
  if (application !== undefined) return { target: { name, bedrockId: application, scope }, offered: 'listed' }
  const usual = `${there.routingPrefix}.${CATALOGUE.find((known) => known.name === name)?.bedrock ?? `anthropic.${asked.stem}`}`
  if (there.profiles === null) return { target: { name, bedrockId: usual, scope }, offered: 'unknown' }
  const listed = listedProfile(asked.stem, name, usual, there.profiles, there.routingPrefix)
  return { target: { name, bedrockId: listed ?? usual, scope }, offered: listed === undefined ? 'unlisted' : 'listed' }
}

/** The usual id, or else one that is the same name with a version, or with a date and a version. Never a part of a name. */
function listedProfile(
  stem: string,
  name: string,
  usual: string,
  profiles: readonly string[],
  prefix: string,
): string | undefined {
  if (profiles.includes(usual)) return usual
  const start = `${prefix}.anthropic.`
  const tails = profiles.filter((id) => id.startsWith(start)).map((id) => id.slice(start.length))
  const found =
    tails.find((tail) => tail === stem) ??
    tails.find((tail) => tail.startsWith(stem) && /^-v\d+(?::\d+)?$/.test(tail.slice(stem.length))) ??
    tails.find((tail) => tail.startsWith(name) && /^(?:-\d{8})?(?:-v\d+(?::\d+)?)?$/.test(tail.slice(name.length)))
  return found === undefined ? undefined : `${start}${found}`
}

/** `claude-opus-4-8` → `Claude Opus 4.8`. */
export function displayNameOf(name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return words.join(' ').replace(/(\d+) (\d{1,2})$/, '$1.$2')
}

const FAMILIES = ['opus', 'sonnet', 'haiku', 'fable']

/** `claude-opus-4-8` → `opus`; `other` for a family that is not known here: a caller chooses the name, and must not make metrics. */
export const familyOf = (name: string): string => FAMILIES.find((family) => name.includes(`-${family}`)) ?? 'other'
