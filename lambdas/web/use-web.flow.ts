/** Answers the model's calls of the web's tools: those of one turn side by side, each within what the caller allows. */
import { type Json, memberOf } from '../json/json-path.ts'
import { addUsd, ZERO_USD } from '../platform/money.ts'
import type { WebUsed } from '../spend/request-record.ts'
import { estimateTokens } from '../spend/usage.ts'
import { isKnownUrl, knownUrls } from './known-urls.ts'
import type { Call } from './turn.ts'
import type { PageAnswer, PageError, SearchAnswer, SearchError, WebPages, WebSearch, WebSettings } from './web.ts'
import { pageBlock, searchBlock, toolResultOf } from './web-results.ts'
import type { WebTool } from './web-tools.ts'

export interface WebUse {
  readonly search: WebSearch
  readonly pages: WebPages
  /** Told of what failed. @param why A sentence without a word of what was asked or found. */
  failed(error: SearchError | PageError, why: string): void
}

export interface Answered {
  /** For the client, in the order of the calls. */
  readonly blocks: readonly Json[]
  /** For the model. */
  readonly results: readonly Json[]
}

/** However often a request allows it: more is not looking something up any more. */
const MOST_USES = 20

/** Tokens of a page, where the caller says nothing: some fifteen printed pages, and a tenth of what most models take. */
const USUAL_PAGE = 20_000
/** Of all pages of a request together: with more, the next turn might not fit the model, and all that was said would be lost. */
const ALL_PAGES = 100_000
/** Less of a page is not worth reading. */
const SMALLEST_PAGE = 500

export interface Asking {
  /** The conversation up to these calls. */
  readonly messages: readonly unknown[]
  /** ISO 8601 */
  readonly now: string
  readonly signal: AbortSignal
}

export interface WebUser {
  /** @param calls One at least. */
  answer(calls: readonly Call[], asking: Asking): Promise<Answered>
  used(): WebUsed
  /** Nothing that is offered may be used any more. */
  isExhausted(): boolean
}

export function createWebUser(offered: readonly WebTool[], settings: WebSettings, web: WebUse): WebUser {
  const { isUsedUp, take } = countUses()
  let used: WebUsed = { searches: 0, pages: 0, cost: ZERO_USD }
  let room = ALL_PAGES

  const searchFor = async (tool: WebTool, input: unknown, signal: AbortSignal): Promise<SearchAnswer> => {
    const query = memberOf(input, 'query')
    if (typeof query !== 'string' || query.trim() === '') return failedSearch('invalid_tool_input')
    if (settings.providers.length === 0) return failedSearch('unavailable')
    const { allowedDomains, blockedDomains, location } = tool
    const question = { query, allowedDomains, blockedDomains, location }
    const answer = await web.search.search(question, settings.providers, signal)
    if (answer.ok) used = { ...used, searches: used.searches + 1, cost: addUsd(used.cost, answer.price) }
    else web.failed(answer.error, answer.why)
    return answer
  }
  const read = async (
    tool: WebTool,
    input: unknown,
    known: () => ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<PageAnswer> => {
    const url = memberOf(input, 'url')
    if (typeof url !== 'string' || url.trim() === '') return failedPage('invalid_tool_input')
    if (!settings.fetches) return failedPage('unavailable')
    if (!isKnownUrl(url, known())) return failedPage('url_not_in_prior_context')
    const maxTokens = Math.min(tool.maxTokens ?? USUAL_PAGE, room)
    if (maxTokens < SMALLEST_PAGE) return failedPage('content_too_large')
    const { allowedDomains, blockedDomains } = tool
    room -= maxTokens
    const answer = await web.pages.read({ url, allowedDomains, blockedDomains, maxTokens }, signal)
    room += maxTokens - (answer.ok ? estimateTokens(Buffer.byteLength(answer.text)) : 0)
    if (answer.ok) used = { ...used, pages: used.pages + 1 }
    else web.failed(answer.error, answer.why)
    return answer
  }
  const answerOne = async (
    tool: WebTool,
    { id, input }: Call,
    { now, signal }: Asking,
    known: () => ReadonlySet<string>,
  ): Promise<Json> =>
    tool.kind === 'search'
      ? searchBlock(id, await searchFor(tool, input, signal))
      : pageBlock(id, await read(tool, input, known, signal), tool.cites, now)

  return {
    async answer(calls, asking) {
      let urls: ReadonlySet<string> | undefined
      const known = (): ReadonlySet<string> => {
        urls ??= knownUrls(asking.messages)
        return urls
      }
      const taken = calls.map((call) => {
        const tool = offered.find(({ name }) => name === call.name)
        return { call, tool, left: tool !== undefined && take(tool) }
      })
      const blocks = await Promise.all(
        taken.map(({ call, tool, left }) => {
          if (tool !== undefined && left) return answerOne(tool, call, asking, known)
          const failed = tool === undefined ? ('unavailable' as const) : ('max_uses_exceeded' as const)
          return tool?.kind === 'fetch'
            ? pageBlock(call.id, failedPage(failed), false, asking.now)
            : searchBlock(call.id, failedSearch(failed))
        }),
      )
      return { blocks, results: blocks.map(toolResultOf) }
    },
    used: () => used,
    isExhausted: () => offered.every(isUsedUp),
  }
}

function countUses() {
  const uses = new Map<WebTool, number>()
  const isUsedUp = (tool: WebTool): boolean => (uses.get(tool) ?? 0) >= Math.min(tool.maxUses ?? MOST_USES, MOST_USES)
  return {
    isUsedUp,
    /** @returns whether there was one left. */
    take(tool: WebTool): boolean {
      if (isUsedUp(tool)) return false
      uses.set(tool, (uses.get(tool) ?? 0) + 1)
      return true
    },
  }
}

const failedSearch = (error: SearchError): SearchAnswer => ({ ok: false, error, why: '' })
const failedPage = (error: PageError): PageAnswer => ({ ok: false, error, why: '' })
