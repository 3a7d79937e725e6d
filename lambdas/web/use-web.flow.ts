/** Answers the model's calls of the web's tools: those of one turn side by side, each within what the caller allows. */
import { type Json, memberOf } from '../json/json-path.ts'
import { addUsd, ZERO_USD } from '../platform/money.ts'
import type { WebUsed } from '../spend/request-record.ts'
import { isKnownUrl, knownUrls } from './known-urls.ts'
import type { Call } from './turn.ts'
import type { PageAnswer, SearchAnswer, WebPages, WebSearch, WebSettings } from './web.ts'
import { pageBlock, searchBlock, toolResultOf } from './web-results.ts'
import type { WebTool } from './web-tools.ts'

export interface WebUse {
  readonly search: WebSearch
  readonly pages: WebPages
}

export interface Answered {
  /** For the client, in the order of the calls. */
  readonly blocks: readonly Json[]
  /** For the model. */
  readonly results: readonly Json[]
  /** None of them may be used any more. */
  readonly exhausted: boolean
}

/** However often a request allows it: more is not looking something up any more. */
const MOST_USES = 20

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
}

export function createWebUser(offered: readonly WebTool[], settings: WebSettings, web: WebUse): WebUser {
  const uses = new Map<WebTool, number>()
  let used: WebUsed = { searches: 0, pages: 0, cost: ZERO_USD }
  /** @returns whether there was one left. */
  const take = (tool: WebTool): boolean => {
    const before = uses.get(tool) ?? 0
    if (before >= Math.min(tool.maxUses ?? MOST_USES, MOST_USES)) return false
    uses.set(tool, before + 1)
    return true
  }

  const searchFor = async (tool: WebTool, input: unknown, signal: AbortSignal): Promise<SearchAnswer> => {
    const query = memberOf(input, 'query')
    if (typeof query !== 'string' || query.trim() === '') return failedSearch('invalid_tool_input')
    if (settings.providers.length === 0) return failedSearch('unavailable')
    const { allowedDomains, blockedDomains, location } = tool
    const answer = await web.search.search(
      { query, allowedDomains, blockedDomains, location },
      settings.providers,
      signal,
    )
    if (answer.ok) used = { ...used, searches: used.searches + 1, cost: addUsd(used.cost, answer.price) }
    return answer
  }
  const read = async (tool: WebTool, input: unknown, { messages, signal }: Asking): Promise<PageAnswer> => {
    const url = memberOf(input, 'url')
    if (typeof url !== 'string' || url.trim() === '') return failedPage('invalid_tool_input')
    if (!settings.fetches) return failedPage('unavailable')
    if (!isKnownUrl(url, knownUrls(messages))) return failedPage('url_not_in_prior_context')
    const { allowedDomains, blockedDomains, maxTokens } = tool
    const answer = await web.pages.read({ url, allowedDomains, blockedDomains, maxTokens }, signal)
    if (answer.ok) used = { ...used, pages: used.pages + 1 }
    return answer
  }

  const answerOne = async (tool: WebTool, { id, input }: Call, asking: Asking, left: boolean): Promise<Json> => {
    if (tool.kind === 'search') {
      return searchBlock(id, left ? await searchFor(tool, input, asking.signal) : failedSearch('max_uses_exceeded'))
    }
    const page = left ? await read(tool, input, asking) : failedPage('max_uses_exceeded')
    return pageBlock(id, page, tool.cites, asking.now)
  }

  return {
    async answer(calls, asking) {
      const taken = calls.map((call) => {
        const tool = offered.find(({ name }) => name === call.name)
        return { call, tool, left: tool !== undefined && take(tool) }
      })
      const blocks = await Promise.all(
        taken.map(async ({ call, tool, left }) =>
          tool === undefined
            ? searchBlock(call.id, failedSearch('unavailable'))
            : await answerOne(tool, call, asking, left),
        ),
      )
      return { blocks, results: blocks.map(toolResultOf), exhausted: taken.every(({ left }) => !left) }
    },
    used: () => used,
  }
}

const failedSearch = (error: Extract<SearchAnswer, { ok: false }>['error']): SearchAnswer => ({
  ok: false,
  error,
  why: '',
})
const failedPage = (error: Extract<PageAnswer, { ok: false }>['error']): PageAnswer => ({ ok: false, error, why: '' })
