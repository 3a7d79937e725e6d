/**
 * Anthropic's server tools for the web, as a request offers them to the model. Every version of them is read the same way.
 * Source: Anthropic API reference, "Web search tool" and "Web fetch tool".
 */
import * as z from 'zod/mini'
import { isJsonObject, type Json, memberOf } from '../json/json-path.ts'
import { Fault } from '../platform/fault.ts'
import { domainProblem } from './domains.ts'
import type { DomainRule, UserLocation } from './web.ts'

export interface WebTool extends DomainRule {
  readonly kind: 'search' | 'fetch'
  /** What the model calls it. */
  readonly name: string
  /** Among the request's tools. */
  readonly place: number
  /** How often it may be used in this request; `null`: as often as the loop turns. */
  readonly maxUses: number | null
  readonly location: UserLocation | null
  /** Of a page's text. */
  readonly maxTokens: number | null
  /** Pages are to be cited. */
  readonly cites: boolean
}

const TYPE = /^web_(search|fetch)_\d{8}$/

const kindOfWebTool = (tool: unknown): WebTool['kind'] | undefined => {
  const type = memberOf(tool, 'type')
  return typeof type === 'string' ? (TYPE.exec(type)?.[1] as WebTool['kind'] | undefined) : undefined
}

const COUNT = 'must be a whole number above 0'
const count = z.optional(z.nullable(z.int(COUNT).check(z.positive(COUNT))))
const TEXT = 'must be text'
const text = z.optional(z.nullable(z.string(TEXT)))
const DOMAINS = 'must be a list of domains'
const domains = z.optional(z.nullable(z.array(z.string('must be a domain'), DOMAINS)))
const OBJECT = 'must be an object'

const Settings = z.looseObject({
  name: z.optional(z.string(TEXT)),
  max_uses: count,
  allowed_domains: domains,
  blocked_domains: domains,
  user_location: z.optional(
    z.nullable(z.looseObject({ city: text, region: text, country: text, timezone: text }, OBJECT)),
  ),
  max_content_tokens: count,
  citations: z.optional(
    z.nullable(z.looseObject({ enabled: z.optional(z.nullable(z.boolean('must be true or false'))) }, OBJECT)),
  ),
})

/** @throws Fault `invalid_request`, naming the field. */
export function readWebTools(body: Json): readonly WebTool[] {
  const tools = memberOf(body, 'tools')
  if (!Array.isArray(tools)) return []
  return tools.flatMap((tool, place) => {
    const kind = kindOfWebTool(tool)
    return kind === undefined ? [] : [readTool(tool, kind, place)]
  })
}

function readTool(tool: unknown, kind: WebTool['kind'], place: number): WebTool {
  const read = Settings.safeParse(tool)
  if (!read.success) {
    const [issue] = read.error.issues
    throw wrong(place, issue?.path.join('.') || 'type', issue?.message ?? 'is not valid')
  }
  const said = read.data
  const name = `web_${kind}`
  // Under another one, what came of it could not be told from other tools when the conversation comes back.
  if (said.name !== undefined && said.name !== name) throw wrong(place, 'name', `must be "${name}"`)
  return {
    kind,
    name,
    place,
    maxUses: said.max_uses ?? null,
    ...readDomains(said, place),
    location: locationIn(said.user_location),
    maxTokens: said.max_content_tokens ?? null,
    cites: said.citations?.enabled === true,
  }
}

const wrong = (place: number, field: string, why: string): Fault =>
  new Fault('invalid_request', `tools.${place}.${field}: ${why}`)

function readDomains({ allowed_domains, blocked_domains }: z.output<typeof Settings>, place: number): DomainRule {
  const lists = { allowed_domains: listed(allowed_domains), blocked_domains: listed(blocked_domains) }
  if (lists.allowed_domains !== null && lists.blocked_domains !== null) {
    throw wrong(place, 'blocked_domains', 'cannot be given together with allowed_domains')
  }
  for (const [field, list] of Object.entries(lists)) {
    for (const [at, domain] of (list ?? []).entries()) {
      const problem = domainProblem(domain)
      if (problem !== null) throw wrong(place, `${field}.${at}`, problem)
    }
  }
  return { allowedDomains: lists.allowed_domains, blockedDomains: lists.blocked_domains }
}

/** An empty list binds nobody: Claude Code sends both, of which one is empty. */
const listed = (list: readonly string[] | null | undefined): readonly string[] | null =>
  list == null || list.length === 0 ? null : list

function locationIn(said: z.output<typeof Settings>['user_location']): UserLocation | null {
  if (!isJsonObject(said)) return null
  const { city, region, country, timezone } = said
  return { city: city ?? null, region: region ?? null, country: country ?? null, timezone: timezone ?? null }
}

/**
 * What the model is offered instead: a tool of the caller's own kind, which Bedrock takes.
 * @param mark The `cache_control` of the tool that it stands for.
 */
export const replacementOf = ({ kind, name }: WebTool, mark: unknown): Json => ({
  name,
  description: DESCRIPTIONS[kind],
  input_schema: SCHEMAS[kind],
  ...(mark !== undefined && { cache_control: mark }),
})

const DESCRIPTIONS: Readonly<Record<WebTool['kind'], string>> = {
  search:
    'Searches the web and gives back titles, addresses and excerpts of pages. Use it for what is recent, or what you cannot know. Name the pages that an answer rests on.',
  fetch:
    'Reads the page at an address and gives back its text. Only addresses that have come up in the conversation or in search results can be read.',
}

const stringIn = (name: string, description: string): Json => ({
  type: 'object',
  properties: { [name]: { type: 'string', description } },
  required: [name],
})

const SCHEMAS: Readonly<Record<WebTool['kind'], Json>> = {
  search: stringIn('query', 'What to search for'),
  fetch: stringIn('url', 'The address of the page'),
}
