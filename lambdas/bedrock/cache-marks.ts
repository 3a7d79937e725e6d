/**
 * Marks of the prompt cache (`cache_control`) as Bedrock takes them: `type` and `ttl` and nothing else, four of them at most, and none
 * that lives longer behind one that lives shorter. Only marks are touched; a member of that name in a tool's input, in a schema or in
 * anything else of the caller's own is none.
 * Source: Amazon Bedrock user guide, "Prompt caching for faster model inference".
 */
import type { JsonEdit, Path } from '../json/json-edit.ts'
import { isJsonObject, type Json, memberOf } from '../json/json-path.ts'

/** The automatic mark at the top of a request is one of them. */
const MOST_MARKS = 4

const KEPT = ['type', 'ttl']

/** Blocks in a tool's result, in a document within it: no legal request goes deeper, and an illegal one is not to be followed. */
const DEEPEST_BLOCKS = 4

interface Mark {
  /** Of the `cache_control`. */
  readonly path: Path
  readonly control: Json
  readonly inMessages: boolean
}

export interface TidiedMarks {
  readonly dropped: readonly string[]
  readonly adjusted: readonly string[]
}

/** @param ttlRefused This endpoint and model know one lifetime only. */
export function tidyMarks(body: Json, edit: JsonEdit, ttlRefused: boolean): TidiedMarks {
  const marks = marksOf(body)
  const automatic = memberOf(body, 'cache_control')
  const surplus = surplusOf(marks, MOST_MARKS - (isJsonObject(automatic) ? 1 : 0))
  const stay = marks.filter((mark) => !surplus.has(mark))
  const cleaned = stay.filter(({ control }) => Object.keys(control).some((name) => !KEPT.includes(name)))
  const shortened = ttlRefused ? [] : outOfOrder(stay)
  for (const { path } of surplus) edit.remove(path)
  for (const { path } of cleaned) edit.keepOnly(path, KEPT)
  const withoutTtl = ttlRefused ? stay.filter(({ control }) => Object.hasOwn(control, 'ttl')) : shortened
  for (const { path } of withoutTtl) edit.remove([...path, 'ttl'])
  if (ttlRefused && memberOf(automatic, 'ttl') !== undefined) edit.remove(['cache_control', 'ttl'])
  return {
    dropped: [
      ...(surplus.size > 0 ? ['cache_control'] : []),
      ...(ttlRefused && (withoutTtl.length > 0 || memberOf(automatic, 'ttl') !== undefined)
        ? ['cache_control.ttl']
        : []),
    ],
    adjusted: [
      ...(cleaned.length > 0 ? ['cache_control'] : []),
      ...(shortened.length > 0 ? ['cache_control.ttl'] : []),
    ],
  }
}

/**
 * What is written at a mark is everything up to it, and what is read is the longest such beginning, looked for up to twenty blocks before a
 * mark. So the last mark of the messages is the one that the next turn goes by, and marks of tools and system are what other
 * conversations share; an earlier one in the messages only helps where more than twenty blocks came since. Those go first, the earliest
 * first. If tools and system alone have too many, the earlier ones go: the later ones hold what they held.
 */
function surplusOf(marks: readonly Mark[], room: number): ReadonlySet<Mark> {
  const inMessages = marks.filter((mark) => mark.inMessages)
  const before = marks.filter((mark) => !mark.inMessages)
  const leastMissedFirst = [...inMessages.slice(0, -1), ...before, ...inMessages.slice(-1)]
  return new Set(leastMissedFirst.slice(0, Math.max(0, marks.length - room)))
}

/**
 * Marks that would live longer than one before them. They are brought down to it: to raise the earlier ones instead would write more of the
 * prompt at twice the price, which nobody asked for. The cache is found again either way, for it goes by what stands before a mark.
 */
function outOfOrder(marks: readonly Mark[]): readonly Mark[] {
  let shortest = Number.POSITIVE_INFINITY
  return marks.filter(({ control }) => {
    const minutes = minutesOf(memberOf(control, 'ttl'))
    if (minutes === null) return false
    if (minutes > shortest) {
      // Without a lifetime of its own it has the ordinary one, which is the shortest there is.
      shortest = Math.min(shortest, ORDINARY_MINUTES)
      return true
    }
    shortest = minutes
    return false
  })
}

const ORDINARY_MINUTES = 5
const TTL = /^(\d{1,4})([mh])$/

/** @returns `null` for what is no lifetime we know: Bedrock may say what it thinks of it. */
function minutesOf(ttl: unknown): number | null {
  if (ttl === undefined || ttl === null) return ORDINARY_MINUTES
  const [, count, unit] = (typeof ttl === 'string' && TTL.exec(ttl)) || []
  return count === undefined ? null : Number(count) * (unit === 'h' ? 60 : 1)
}

/** In the order in which the prompt is made: tools, system, messages. */
function marksOf(body: Json): readonly Mark[] {
  const found: Mark[] = []
  for (const [place, tool] of listOf(body, 'tools')) findMark(tool, ['tools', place], false, found)
  for (const [place, block] of listOf(body, 'system')) findMark(block, ['system', place], false, found)
  for (const [place, message] of listOf(body, 'messages')) {
    findInBlocks(listOf(message, 'content'), ['messages', place, 'content'], 1, found)
    findMark(message, ['messages', place], true, found)
  }
  return found
}

type Entries = Iterable<[number, unknown]>

function listOf(owner: unknown, name: string): Entries {
  const list = memberOf(owner, name)
  return Array.isArray(list) ? list.entries() : []
}

function findInBlocks(blocks: Entries, path: Path, depth: number, found: Mark[]): void {
  for (const [place, block] of blocks) {
    if (depth < DEEPEST_BLOCKS) {
      const content = memberOf(block, 'content')
      if (Array.isArray(content)) findInBlocks(content.entries(), [...path, place, 'content'], depth + 1, found)
      const inSource = memberOf(memberOf(block, 'source'), 'content')
      if (Array.isArray(inSource)) {
        findInBlocks(inSource.entries(), [...path, place, 'source', 'content'], depth + 1, found)
      }
    }
    if (memberOf(block, 'cache_control') !== undefined) findMark(block, [...path, place], true, found)
  }
}

function findMark(owner: unknown, path: Path, inMessages: boolean, found: Mark[]): void {
  const control = memberOf(owner, 'cache_control')
  if (isJsonObject(control)) found.push({ path: [...path, 'cache_control'], control, inMessages })
}
