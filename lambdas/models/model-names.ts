/** One model, its names on both sides: Anthropic's (what clients send), and Bedrock's (what a target is called with). */
import { Fault } from '../platform/fault.ts'
import { CATALOGUE } from './catalogue.ts'

/** Where a request may be answered: anywhere (`global.` profiles, list price) or within one geography (10 % more). */
export type PriceScope = 'global' | 'regional'

export interface ModelTarget {
  /** Anthropic's undated name; prices and aggregates go by it. */
  readonly name: string
  /** The inference profile id Bedrock is called with. */
  readonly bedrockId: string
  readonly scope: PriceScope
}

/** Names of Anthropic's models and nothing else: no dots, no ARN, so that a caller cannot choose region, account or vendor. */
const ANTHROPIC_NAME = /^claude-[a-z0-9-]{1,60}$/

/** A client's marker for the long context window; it names no other model. */
const LONG_CONTEXT_SUFFIX = '[1m]'

/**
 * @param prefix Of the inference profiles asked for: `global`, `us`, `eu`, …
 * @throws Fault `model_refused` for anything that is not a name of an Anthropic model.
 */
export function targetOf(requested: string, prefix: string): ModelTarget {
  const bare = requested.endsWith(LONG_CONTEXT_SUFFIX) ? requested.slice(0, -LONG_CONTEXT_SUFFIX.length) : requested
  if (!ANTHROPIC_NAME.test(bare)) {
    throw new Fault(
      'model_refused',
      `The model "${requested.slice(0, 100)}" is not served here. Use one of the names that GET /v1/models lists, such as claude-opus-5-5.`,
    )
  }
  const entry = CATALOGUE.find((known) => known.name === bare || known.dated.includes(bare))
  return {
    name: entry?.name ?? bare,
    bedrockId: `${prefix}.${entry?.bedrock ?? `anthropic.${bare}`}`,
    scope: prefix === 'global' ? 'global' : 'regional',
  }
}

/** Anthropic's undated name of an inference profile or model id; `null` when it is another vendor's. */
export function nameOfBedrockId(id: string): string | null {
  const at = id.indexOf('anthropic.claude-')
  if (at < 0) return null
  const base = id.slice(at)
  const entry = CATALOGUE.find((known) => known.bedrock === base)
  return entry?.name ?? base.slice('anthropic.'.length)
}

/** `claude-opus-4-8` → `Claude Opus 4.8`. */
export function displayNameOf(name: string): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return words.join(' ').replace(/(\d+) (\d+)$/, '$1.$2')
}

const FAMILIES = ['opus', 'sonnet', 'haiku', 'fable']

/** `claude-opus-4-8` → `opus`; `other` for a family that is not known here: a caller chooses the name, and must not make metrics. */
export const familyOf = (name: string): string => FAMILIES.find((family) => name.includes(`-${family}`)) ?? 'other'
