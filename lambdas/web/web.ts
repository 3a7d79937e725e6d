/**
 * The web as a request sees it: searching it and reading one page of it, by whoever provides it. Bedrock runs neither of Anthropic's
 * server tools, so the gateway does. Names of errors are those of Anthropic's API, as its SDK types them (`WebSearchToolResultErrorCode`,
 * `WebFetchToolResultErrorCode`).
 */
import type { NanoUsd } from '../platform/money.ts'

export const PROVIDER_TYPES = ['duckduckgo', 'tavily', 'serper', 'brave', 'searxng', 'custom'] as const
export type ProviderType = (typeof PROVIDER_TYPES)[number]

/** Who is asked, with all that it takes to ask. */
export interface Provider {
  readonly type: ProviderType
  readonly apiKey: string | null
  readonly apiUrl: string | null
  /** 1 to 20. */
  readonly maxResults: number
  /** What a search counts in the books. 0 where whoever searches brings a key of their own. */
  readonly price: NanoUsd
}

/** What a caller may bind a search or a page to; one of the two lists at most. A domain stands for its subdomains too. */
export interface DomainRule {
  readonly allowedDomains: readonly string[] | null
  readonly blockedDomains: readonly string[] | null
}

/** Roughly where whoever asks is. Source: API reference, "Web search tool", `user_location`. */
export interface UserLocation {
  readonly city: string | null
  readonly region: string | null
  /** Two letters, ISO 3166-1. */
  readonly country: string | null
  readonly timezone: string | null
}

export interface SearchQuestion extends DomainRule {
  readonly query: string
  readonly location: UserLocation | null
}

/** Plain text in all members: no markup, no control characters, bounded. */
export interface SearchHit {
  readonly title: string
  /** http or https. */
  readonly url: string
  readonly snippet: string
  /** As the provider tells it, e.g. `April 30, 2026`. */
  readonly pageAge: string | null
}

export type SearchError =
  | 'too_many_requests'
  | 'invalid_tool_input'
  | 'max_uses_exceeded'
  | 'query_too_long'
  | 'unavailable'

export type SearchAnswer =
  | {
      readonly ok: true
      readonly hits: readonly SearchHit[]
      readonly provider: ProviderType
      readonly price: NanoUsd
    }
  | {
      readonly ok: false
      readonly error: SearchError
      /** For the person who set the provider up, and the log: one sentence without a word of what was asked or found. */
      readonly why: string
    }

export interface WebSearch {
  /** Asks the providers in their order until one answers. Never rejects. */
  search(question: SearchQuestion, providers: readonly Provider[], signal: AbortSignal): Promise<SearchAnswer>
}

export interface PageQuestion extends DomainRule {
  readonly url: string
  /** About how long its text may be; `null`: as long as any may. */
  readonly maxTokens: number | null
}

export type PageError =
  | 'invalid_tool_input'
  | 'url_too_long'
  | 'url_not_allowed'
  | 'url_not_in_prior_context'
  | 'url_not_accessible'
  | 'too_many_requests'
  | 'unsupported_content_type'
  | 'content_too_large'
  | 'max_uses_exceeded'
  | 'unavailable'

export type PageAnswer =
  | {
      readonly ok: true
      /** After redirects. */
      readonly url: string
      readonly title: string | null
      /** Plain text. */
      readonly text: string
    }
  | { readonly ok: false; readonly error: PageError; readonly why: string }

export interface WebPages {
  /** Never rejects. */
  read(question: PageQuestion, signal: AbortSignal): Promise<PageAnswer>
}

/** `enabled`: each person's own provider. `global`: one for all. */
export const WEB_SEARCH_MODES = ['enabled', 'disabled', 'global'] as const
export type WebSearchMode = (typeof WEB_SEARCH_MODES)[number]

/** How a person may use the web. */
export interface WebSettings {
  readonly mode: WebSearchMode
  /** In the order in which they are asked; none where the mode is `disabled`. */
  readonly providers: readonly Provider[]
  /** Whether pages may be read. */
  readonly fetches: boolean
}
