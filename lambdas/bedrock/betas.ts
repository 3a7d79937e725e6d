/**
 * Beta flags: which ones a client asks for, and which of them Bedrock is asked for. InvokeModel refuses a whole request for one flag that it
 * does not know and reads flags from the body alone; `/anthropic/v1/messages` has them as a header and says itself what it makes of others.
 */
import type { UpstreamKind } from '../endpoints/endpoint.ts'
import { type Json, memberOf } from '../json/json-path.ts'
import type { Knowledge } from './knowledge.ts'
import type { TranslationRules } from './translation-rules.ts'

/** All flags of Anthropic look like this; it also is what may stand in a header and in the key of an item. */
const FLAG = /^[a-z0-9][a-z0-9._-]{2,63}$/i

/** Claude Code sends nine to eleven. The bound keeps a request from making us look up and remember any number of them. */
const MOST_FLAGS = 64

/** What `[1m]` behind a model's name asks for. */
const LONG_CONTEXT = 'context-1m-2025-08-07'

/** Header and body together, each flag once, in the order asked for, under Bedrock's names. */
export function askedBetas(
  asked: { readonly betaHeader: string | null; readonly body: Json; readonly longContext: boolean },
  renamed: TranslationRules['renamedBetas'],
): readonly string[] {
  const inBody = ['anthropic_beta', 'betas'].flatMap((name) => {
    const flags = memberOf(asked.body, name)
    return Array.isArray(flags) ? flags.slice(0, MOST_FLAGS) : typeof flags === 'string' ? listed(flags) : []
  })
  const told = [...listed(asked.betaHeader ?? ''), ...inBody]
    .map((flag: unknown) => (typeof flag === 'string' ? flag.trim() : ''))
    .filter((flag) => FLAG.test(flag))
    .slice(0, MOST_FLAGS)
  if (asked.longContext) told.push(LONG_CONTEXT)
  return [...new Set(told.map((flag) => (Object.hasOwn(renamed, flag) ? (renamed[flag] ?? flag) : flag)))]
}

/** What lies behind as many of the longest flags is not even taken apart. */
const LONGEST_LIST = MOST_FLAGS * (64 + ', '.length)
const listed = (flags: string): readonly string[] => flags.slice(0, LONGEST_LIST).split(',')

export interface ChosenBetas {
  readonly sent: readonly string[]
  /** Known to be refused, or of no use because what belongs to them is refused. */
  readonly refused: readonly string[]
  /** Asked for, and nobody has told yet whether Bedrock takes them. */
  readonly unknown: readonly string[]
}

export function chooseBetas(
  asked: readonly string[],
  kind: UpstreamKind,
  knowledge: Knowledge,
  refusedMembers: ReadonlySet<string>,
): ChosenBetas {
  const { rules } = knowledge
  const chosen = { sent: [] as string[], refused: [] as string[], unknown: [] as string[] }
  for (const flag of asked) {
    const standing = isPointless(flag, rules, refusedMembers) ? 'refused' : standingOf(flag, knowledge)
    if (standing === 'unknown') chosen.unknown.push(flag)
    if (standing === 'refused') chosen.refused.push(flag)
    else if (standing === 'accepted' || kind === 'messages') chosen.sent.push(flag)
  }
  return chosen
}

/** What was seen at this endpoint with this model, or set by an administrator, counts more than what is generally so. */
function standingOf(flag: string, { rules, refused, accepted }: Knowledge): 'accepted' | 'refused' | 'unknown' {
  if (refused.has(`beta:${flag}`)) return 'refused'
  if (accepted.has(`beta:${flag}`)) return 'accepted'
  if (rules.refusedBetas.includes(flag)) return 'refused'
  return rules.acceptedBetas.includes(flag) ? 'accepted' : 'unknown'
}

/** A flag goes with its members: where all of them are refused, it has nothing left to be there for. */
function isPointless(flag: string, rules: TranslationRules, refusedMembers: ReadonlySet<string>): boolean {
  const members = membersOf(flag, rules)
  return members.length > 0 && members.every((member) => refusedMembers.has(member))
}

/** Members go with their flag: those of refused flags, unless a flag that is sent needs them too. */
export function membersWithoutFlag({ sent, refused }: ChosenBetas, rules: TranslationRules): readonly string[] {
  const needed = new Set(sent.flatMap((flag) => membersOf(flag, rules)))
  return refused.flatMap((flag) => membersOf(flag, rules)).filter((member) => !needed.has(member))
}

const membersOf = (flag: string, { membersOfBeta }: TranslationRules): readonly string[] =>
  Object.hasOwn(membersOfBeta, flag) ? (membersOfBeta[flag] ?? []) : []
