/**
 * Which members of a request may be taken out of it. Refusals teach what an endpoint does not take, and they are words of another system
 * about what a caller wrote: whatever they say, a request must not lose what it is about, and one caller's strange request must not teach
 * that something is refused which only there was out of place.
 */

/** What a request is about. An empty request is not a repaired one. */
const CONTENT = new Set([
  'model',
  'messages',
  'messages.*',
  'messages.*.role',
  'messages.*.content',
  'messages.*.content.*',
  'system',
  'system.*',
  'tools',
  'tools.*',
  'max_tokens',
  'anthropic_version',
  'anthropic_beta',
  'betas',
  'stream',
])

export const isContent = (pattern: string): boolean => CONTENT.has(pattern)

/** What else a refusal does not take out, because it would change what is asked for. */
const MEANING = new Set([
  'tool_choice',
  'tool_choice.type',
  'tool_choice.name',
  'stop_sequences',
  // `adaptive` does not take a budget and `enabled` demands one: a refusal of it says that they were mixed up.
  'thinking.type',
  'thinking.budget_tokens',
  'cache_control.type',
])

/** Of a content block: what it says, which kinds of blocks know between them. */
const ESSENTIAL_OF_BLOCK = new Set([
  'type',
  'text',
  'source',
  'id',
  'name',
  'input',
  'tool_use_id',
  'tool_name',
  'content',
  'is_error',
  'thinking',
  'signature',
  'data',
  'title',
  'context',
  'url',
  'file_id',
  'server_name',
])
const ESSENTIAL_OF_TOOL = new Set(['type', 'name', 'description', 'input_schema'])

/** Within these everything is the caller's own data. */
const OPAQUE = new Set(['input', 'input_schema', 'source', 'schema'])

/** A name that stands for blocks of this kind at places where blocks are nested: no member, but refused like one. */
export const TOOL_REFERENCE = 'messages.*.content.*.content.*.tool_reference'

/** The lifetime of a mark of the prompt cache is refused or taken wherever the mark stands, so it is known without the place. */
export const LIFETIME = 'cache_control.ttl'
const LIFETIME_SOMEWHERE = /^(?:tools|system|messages)[.][*][.](?:.+[.])?cache_control[.]ttl$/

export const canonicalMember = (pattern: string): string => (LIFETIME_SOMEWHERE.test(pattern) ? LIFETIME : pattern)

/** What is learned is kept and looked up with each request. No member of Anthropic's API comes near these lengths. */
const SEGMENT = /^(?:[*]|[A-Za-z0-9_-]{1,48})$/
const MOST_SEGMENTS = 10
const LONGEST_PATTERN = 120

/** @param pattern A path with `*` for the places of arrays. */
export function isRemovable(pattern: string): boolean {
  const segments = pattern.split('.')
  if (pattern.length > LONGEST_PATTERN || segments.length > MOST_SEGMENTS) return false
  if (!segments.every((segment) => SEGMENT.test(segment))) return false
  const last = segments.at(-1) ?? ''
  if (last === '*' || isContent(pattern) || MEANING.has(pattern)) return false
  if (segments.slice(0, -1).some((segment) => OPAQUE.has(segment))) return false
  const owner = segments.slice(0, -1).join('.')
  if (owner === 'tools.*') return !ESSENTIAL_OF_TOOL.has(last)
  if (BLOCKS.test(owner)) return !ESSENTIAL_OF_BLOCK.has(last)
  return true
}

/** Whose members are blocks' members. */
const BLOCKS = /^(?:system|messages[.][*][.]content(?:[.][*][.]content)*)[.][*]$/

/** Of a block: what some kinds take and others do not, so that one refusal says nothing about all. */
const DEPENDS_ON_KIND = new Set(['cache_control', 'citations'])

/** Kinds that say nothing: what is refused with them is refused without them. */
const GENERAL_KINDS = new Set(['custom', 'ephemeral', 'adaptive', 'enabled'])

/**
 * Whether a refusal may be remembered for everybody.
 * @param kinds The `type`s that the path passed through, as the refusal names them.
 */
export function holdsInGeneral(pattern: string, kinds: readonly string[]): boolean {
  if (pattern === LIFETIME) return true
  const owner = pattern.split('.').slice(0, -1).join('.')
  if (owner !== '' && DEPENDS_ON_KIND.has(pattern.slice(owner.length + 1))) return false
  return owner.startsWith('messages.') || kinds.every((kind) => GENERAL_KINDS.has(kind))
}
