/**
 * A Messages request in the words of one endpoint. What is known to be refused there is left out, together with what belongs to it; what
 * nobody knows passes, and a refusal teaches (`repair.ts`). Every byte that is not changed passes as it came.
 */
import type { UpstreamKind } from '../endpoints/endpoint.ts'
import { JsonEdit, type Piece } from '../json/json-edit.ts'
import { type Json, memberOf, spotsOf } from '../json/json-path.ts'
import { askedBetas, type ChosenBetas, chooseBetas, membersWithoutFlag } from './betas.ts'
import { tidyMarks } from './cache-marks.ts'
import { foldSystemMessages, hasSystemMessage } from './fold-system.ts'
import type { Knowledge } from './knowledge.ts'
import { applyModelRules } from './model-rules.ts'
import { isRemovable, LIFETIME, TOOL_REFERENCE } from './removable-members.ts'
import { removeMember } from './remove-member.ts'

export interface AskedMessage {
  /** The body as it came: a JSON object as UTF-8. */
  readonly utf8: Uint8Array
  /** The same, parsed. */
  readonly body: Json
  /** `anthropic-beta`, repeated headers joined by commas. */
  readonly betaHeader: string | null
  /** The name of the model ended in `[1m]`. */
  readonly longContext: boolean
  /** Where the body does not say it, as in Bedrock's own format, which has it in the URL. Absent: the body says it. */
  readonly stream?: boolean
}

export interface TranslationTarget {
  readonly kind: UpstreamKind
  /** What Bedrock is called with. */
  readonly modelId: string
  /** Anthropic's undated name; rules go by it. */
  readonly model: string
}

export interface Translation {
  /** JSON as UTF-8. */
  readonly body: Uint8Array
  /** What Bedrock is asked for; for `invoke` they stand in the body already. */
  readonly betas: readonly string[]
  /** Asked for, and nobody knows yet whether Bedrock takes them: `invoke` goes without them. */
  readonly unknownBetas: readonly string[]
  /** What was taken out: patterns of members, `beta:<flag>`. Never values. Letters, digits and `.*_-:`, so it may stand in a header. */
  readonly dropped: readonly string[]
  /** What was changed, as patterns of members, and `role:system` where such messages went to the user's turns. */
  readonly adjusted: readonly string[]
}

const BEDROCK_VERSION = 'bedrock-2023-05-31'

/** What clients of the reference gateway get when they leave it out; Bedrock itself demands a number. */
const DEFAULT_MAX_TOKENS = 8096

export function translate(asked: AskedMessage, target: TranslationTarget, knowledge: Knowledge): Translation {
  const folds = knowledge.refused.has('role:system') && hasSystemMessage(asked.body)
  const { utf8, body } = folds ? foldSystemMessages(asked) : asked
  const { rules } = knowledge
  const refused = refusedMembers(knowledge)
  const choice = chooseBetas(askedBetas(asked, rules.renamedBetas), target.kind, knowledge, new Set(refused))

  const edit = new JsonEdit(utf8)
  const taken = [...new Set([...refused, ...membersWithoutFlag(choice, rules)])]
  const dropped = taken.filter((pattern) => takeOut(pattern, body, edit))
  const adjusted = applyModelRules(rules.models, target.model, body, edit)
  const marks = tidyMarks(body, edit, taken.includes(LIFETIME))
  const frame =
    target.kind === 'invoke' ? inInvokeWords(body, choice, edit) : inMessagesWords(asked, body, target, edit)
  return {
    body: edit.bytes(),
    betas: choice.sent,
    unknownBetas: choice.unknown,
    dropped: [
      ...leftOut(choice, target.kind).map((flag) => `beta:${flag}`),
      ...new Set([...dropped, ...marks.dropped, ...frame.dropped, ...(folds ? lostInFold(asked.body) : [])]),
    ],
    adjusted: [...new Set([...(folds ? ['role:system'] : []), ...adjusted, ...marks.adjusted, ...frame.adjusted])],
  }
}

const MEMBER = 'member:'

const refusedMembers = ({ refused }: Knowledge): readonly string[] =>
  [...refused]
    .flatMap((name) => (name.startsWith(MEMBER) ? [name.slice(MEMBER.length)] : []))
    .filter((pattern) => isRemovable(pattern))

/** Marks of the prompt cache are done elsewhere, all at once. */
function takeOut(pattern: string, body: Json, edit: JsonEdit): boolean {
  if (pattern === LIFETIME) return false
  return pattern === TOOL_REFERENCE ? foldToolReferences(body, edit) : removeMember(pattern, body, edit)
}

/** A reference to a tool that was found, in a tool's result. Told in words it still says which one it is, and all tools are there in full. */
function foldToolReferences(body: Json, edit: JsonEdit): boolean {
  const references = spotsOf(body, 'messages.*.content.*.content.*').filter(
    ({ value }) => memberOf(value, 'type') === 'tool_reference',
  )
  for (const { path, value } of references) {
    edit.replace([...path, 'type'], '"text"')
    edit.remove([...path, 'tool_name'])
    edit.append(path, [`"text":${JSON.stringify(`Tool found: ${String(memberOf(value, 'tool_name') ?? 'unnamed')}`)}`])
  }
  return references.length > 0
}

/** An effort for one turn stands in a system message and has no place in the turn it is folded into. */
const lostInFold = (body: Json): readonly string[] =>
  spotsOf(body, 'messages.*').some(
    ({ value }) => memberOf(value, 'role') === 'system' && memberOf(value, 'output_config') !== undefined,
  )
    ? ['messages.*.output_config']
    : []

const leftOut = ({ refused, unknown }: ChosenBetas, kind: UpstreamKind): readonly string[] =>
  kind === 'invoke' ? [...refused, ...unknown] : refused

interface Framed {
  readonly dropped: readonly string[]
  readonly adjusted: readonly string[]
}

const isSaid = (body: Json, name: string): boolean => (memberOf(body, name) ?? null) !== null

/**
 * How the guardrail is applied: with marks of his own (`tagSuffix`) a caller would choose what it looks at. Which one there is, and that
 * it looks at everything, is not his to say. Source: Amazon Bedrock user guide, "Apply tags to user input to filter content".
 */
const GUARDRAIL = 'amazon-bedrock-guardrailConfig'

/**
 * Bedrock is told of the tier in a header, and has no such member for Claude. Anthropic's words for it are read in `endpoints/routing.ts`;
 * in Bedrock's own a caller would choose a dearer tier than the books know of, should a body of it ever be read.
 * Sources: Amazon Bedrock user guide, "Anthropic Claude Messages API" and "Service tiers".
 */
const SERVICE_TIER = 'service_tier'

function withoutOptions(body: Json, edit: JsonEdit): readonly string[] {
  const options = [GUARDRAIL, SERVICE_TIER]
  for (const name of options) edit.remove([name])
  return options.filter((name) => isSaid(body, name))
}

/** The model stands in the URL, the choice of streaming is the operation, and there is no connector for `mcp_servers`. */
function inInvokeWords(body: Json, { sent }: ChosenBetas, edit: JsonEdit): Framed {
  for (const name of ['model', 'stream', 'betas', 'anthropic_beta', 'mcp_servers']) edit.remove([name])
  const version = memberOf(body, 'anthropic_version')
  const isBedrocks = typeof version === 'string' && version.startsWith('bedrock-')
  if (!isBedrocks) edit.remove(['anthropic_version'])
  const tokens = withMaxTokens(body, edit)
  edit.prepend(
    [],
    [
      ...(isBedrocks ? [] : [`"anthropic_version":"${BEDROCK_VERSION}"`]),
      ...(sent.length > 0 ? [`"anthropic_beta":${JSON.stringify(sent)}`] : []),
      ...tokens,
    ],
  )
  return {
    dropped: [...(isSaid(body, 'mcp_servers') ? ['mcp_servers'] : []), ...withoutOptions(body, edit)],
    adjusted: tokens.length > 0 ? ['max_tokens'] : [],
  }
}

/** Anthropic's own words but for the name of the model; versions and flags are headers. */
function inMessagesWords(asked: AskedMessage, body: Json, { modelId }: TranslationTarget, edit: JsonEdit): Framed {
  for (const name of ['betas', 'anthropic_beta', 'anthropic_version']) edit.remove([name])
  const model = JSON.stringify(modelId)
  if (Object.hasOwn(body, 'model')) edit.replace(['model'], model)
  const streams = asked.stream !== undefined && asked.stream !== (memberOf(body, 'stream') === true)
  if (streams) edit.remove(['stream'])
  const tokens = withMaxTokens(body, edit)
  edit.prepend(
    [],
    [
      ...(Object.hasOwn(body, 'model') ? [] : [`"model":${model}`]),
      ...(streams ? [`"stream":${asked.stream === true}`] : []),
      ...tokens,
    ],
  )
  return { dropped: withoutOptions(body, edit), adjusted: tokens.length > 0 ? ['max_tokens'] : [] }
}

function withMaxTokens(body: Json, edit: JsonEdit): Piece[] {
  if (isSaid(body, 'max_tokens')) return []
  edit.remove(['max_tokens'])
  return [`"max_tokens":${DEFAULT_MAX_TOKENS}`]
}
