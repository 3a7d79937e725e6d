/**
 * What a refusal teaches: the 400 that Bedrock gives before the first byte names, or at least means, something in the request that it does
 * not take. Whoever calls puts the request into words again with that refused, as long as a refusal teaches something.
 *
 * Each lesson is about something that was sent, and is not sent again; so there are only so many. A named thing may be remembered for this
 * endpoint and model once the request without it has gone through: a refusal repeats what the caller wrote, and what it names may have been
 * put there by him. An unnamed one is a suspicion for this request; asking for it alone, later, finds out.
 */
import { isJsonObject, memberOf, spotsOf } from '../json/json-path.ts'
import type { Knowledge } from './knowledge.ts'
import { canonicalMember, holdsInGeneral, isRemovable, TOOL_REFERENCE } from './removable-members.ts'

export interface SentRequest {
  /** As it was sent: JSON as UTF-8. */
  readonly body: Uint8Array
  readonly betas: readonly string[]
  /** Asked for by the client, and left out because nobody knows them. */
  readonly unknownBetas: readonly string[]
}

export interface Repair {
  /** `beta:<flag>`, `member:<pattern>`, `role:system`: never empty, each once. */
  readonly refused: readonly string[]
  readonly certainty: 'named' | 'unnamed'
}

/** A refusal names one thing, seldom two or three. */
const MOST_LESSONS = 8
/** What is read of a refusal. Bedrock's are a line or two; a caller's text that is repeated in one may be of any length. */
const LONGEST_MESSAGE = 4000

/**
 * @param known By which the request was put into words.
 * @returns `null` when the refusal is about something else, or says what was known already: it is the caller's.
 */
export function repairOf(message: string, sent: SentRequest, known: Knowledge): Repair | null {
  const said = message.slice(0, LONGEST_MESSAGE)
  // The body first: a path in it may hold a flag's name.
  const lesson =
    aboutBody(said, sent, known) ??
    aboutFlags(said, sent) ??
    (UNNAMED_FLAG.test(said) ? suspected(sent.betas, known.accepted) : null)
  const refused = lesson?.refused.filter((name) => !known.refused.has(name)) ?? []
  return lesson === null || refused.length === 0 ? null : { ...lesson, refused }
}

const named = (refused: readonly string[]): Repair | null =>
  refused.length === 0 ? null : { refused: [...new Set(refused)].slice(0, MOST_LESSONS), certainty: 'named' }

/** What the caller wrote elsewhere as well may be his words: it is left out, and whether it is refused a probe finds out. */
function aboutFlags(said: string, { body, betas }: SentRequest): Repair | null {
  const flags = flagsNamed(said, betas)
  const lesson = named(flags.map((flag) => `beta:${flag}`))
  return lesson !== null && isWrittenIn(parsed(body), flags) ? { ...lesson, certainty: 'unnamed' } : lesson
}

/** As a name or within a text, anywhere but in the list of flags. */
function isWrittenIn(body: unknown, flags: readonly string[]): boolean {
  const holds = (text: string): boolean => flags.some((flag) => text.toLowerCase().includes(flag.toLowerCase()))
  const open: unknown[] = isJsonObject(body) ? [{ ...body, anthropic_beta: null }] : [body]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string' && holds(value)) return true
    if (isJsonObject(value) && Object.keys(value).some(holds)) return true
    if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) open.push(one)
  }
  return false
}

const NAME_CHARACTER = /[a-z0-9_-]/

function flagsNamed(said: string, betas: readonly string[]): readonly string[] {
  const text = said.toLowerCase()
  return betas.filter((flag) => isNamed(text, flag.toLowerCase()))
}

/** As a whole: a flag may be the beginning of another one. */
function isNamed(text: string, flag: string): boolean {
  for (let at = text.indexOf(flag); at >= 0; at = text.indexOf(flag, at + 1)) {
    if (!NAME_CHARACTER.test(text.charAt(at - 1)) && !NAME_CHARACTER.test(text.charAt(at + flag.length))) return true
  }
  return false
}

const UNNAMED_FLAG = /invalid beta|anthropic[-_]beta|beta (?:flag|header)/i

/**
 * First all that are not proven, then all: two more calls whatever it was. General rules do not count as proof, for what holds in general
 * is what has just been found not to hold.
 */
function suspected(betas: readonly string[], accepted: ReadonlySet<string>): Repair | null {
  const names = betas.map((flag) => `beta:${flag}`)
  const unproven = names.filter((name) => !accepted.has(name))
  const refused = unproven.length > 0 ? unproven : names
  return refused.length === 0 ? null : { refused, certainty: 'unnamed' }
}

/** As Anthropic's validation says it. */
const EXTRA = /([^\s:'"`]{1,300}): Extra inputs are not permitted/gi
/** As Bedrock's own validation says it, which comes before Anthropic's. */
const EXTRANEOUS = /#((?:\/[^\s:/]{1,60}){0,10}): extraneous key \[([^\]\s]{1,60})\] is not permitted/gi
const ROLE = /messages(?:\.(\d+)\.role)?: (?:Input should be ['"]?user|Unexpected role ['"]?system)/i
const TAG = /([^\s:'"`]{1,300}): Input tag ['"]?tool_reference['"]? found/i

function aboutBody(said: string, sent: SentRequest, known: Knowledge): Repair | null {
  const paths = [
    ...[...said.matchAll(EXTRA)].map(([, path = '']) => path.split('.')),
    ...[...said.matchAll(EXTRANEOUS)].map(([, owner = '', key = '']) => [...owner.split('/').slice(1), key]),
  ]
  const [, tagged] = TAG.exec(said) ?? []
  const role = ROLE.exec(said)
  if (paths.length === 0 && tagged === undefined && role === null) return null
  const body = parsed(sent.body)
  const isGeneral = (pattern: string): boolean => !lacksItsFlag(pattern, sent, known)
  if (role !== null && hasSystemRole(body, role[1])) return named(['role:system'])
  if (tagged !== undefined && hasToolReference(body))
    return { refused: [`member:${TOOL_REFERENCE}`], certainty: isGeneral(TOOL_REFERENCE) ? 'named' : 'unnamed' }
  const lessons = paths.flatMap((path) => lessonOf(path, body) ?? []).slice(0, MOST_LESSONS)
  if (lessons.length === 0) return null
  return {
    refused: [...new Set(lessons.map(({ pattern }) => `member:${pattern}`))],
    certainty: lessons.every(({ pattern, general }) => general && isGeneral(pattern)) ? 'named' : 'unnamed',
  }
}

/**
 * A member that is of no use without a flag is extra where the client did not ask for the flag: that says nothing of those who do. Where
 * he asked for one that is left out for everybody, it does, if no other flag brings the member along.
 */
function lacksItsFlag(pattern: string, { betas, unknownBetas }: SentRequest, { rules, accepted }: Knowledge): boolean {
  const isPart = (one: string, other: string): boolean => one === other || one.startsWith(`${other}.`)
  const flags = Object.entries(rules.membersOfBeta).flatMap(([flag, members]) =>
    members.some((member) => isPart(member, pattern) || isPart(pattern, member)) ? [flag] : [],
  )
  if (flags.length === 0 || flags.some((flag) => betas.includes(flag))) return false
  const isTaken = (flag: string): boolean => rules.acceptedBetas.includes(flag) || accepted.has(`beta:${flag}`)
  return flags.some(isTaken) || !flags.some((flag) => unknownBetas.includes(flag))
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

const hasSystemRole = (body: unknown, place: string | undefined): boolean =>
  spotsOf(body, 'messages.*.role').some(
    ({ path, value }) => value === 'system' && (place === undefined || path[1] === Number(place)),
  )

const hasToolReference = (body: unknown): boolean =>
  spotsOf(body, 'messages.*.content.*.content.*').some(({ value }) => memberOf(value, 'type') === 'tool_reference')

interface Lesson {
  readonly pattern: string
  readonly general: boolean
}

function lessonOf(path: readonly string[], body: unknown): Lesson | null {
  if (path.length > MOST_STEPS) return null
  const found = follow(path, body)
  if (found === null) return null
  const pattern = canonicalMember(found.pattern.join('.'))
  return isRemovable(pattern) ? { pattern, general: holdsInGeneral(pattern, found.kinds) } : null
}

/** Bedrock's deepest paths have about ten steps. It also bounds how often `follow` calls itself. */
const MOST_STEPS = 16

interface Followed {
  readonly pattern: readonly string[]
  readonly kinds: readonly string[]
}

/**
 * Where a path leads in the body: `tools.0.custom.strict` to `tools.*.strict`. Between the steps stand the kinds of things
 * (`custom`, `tool_result`) and the names of alternatives (`list[…]`), which are no members. A kind may be called like a member
 * (`content.0.text.text`), so it is read as a kind first.
 * @returns `null` where it leads nowhere.
 */
function follow([step, ...rest]: readonly string[], value: unknown): Followed | null {
  if (step === undefined) return { pattern: [], kinds: [] }
  const isKind = memberOf(value, 'type') === step
  const asKind = (): Followed | null => {
    const found = rest.length > 0 ? follow(rest, value) : null
    return found && { ...found, kinds: [step, ...found.kinds] }
  }
  if (isKind && step === 'tool_reference') return { pattern: ['tool_reference'], kinds: [] }
  return (isKind ? asKind() : null) ?? followMember(step, rest, value) ?? (isKind ? null : asKind())
}

function followMember(step: string, rest: readonly string[], value: unknown): Followed | null {
  if (Array.isArray(value)) {
    const place = /^\d{1,6}$/.test(step) ? Number(step) : value.length
    const found = place < value.length ? follow(rest, value[place]) : null
    return found && { ...found, pattern: ['*', ...found.pattern] }
  }
  if (!isJsonObject(value) || !Object.hasOwn(value, step)) return null
  const found = follow(rest, value[step])
  return found && { ...found, pattern: [step, ...found.pattern] }
}
