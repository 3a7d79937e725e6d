/**
 * The six search providers in their wire formats: what they are asked, what they answer, how they refuse. Sources: Tavily, API
 * reference, "Search"; Serper, API playground; Brave, Web Search API; SearXNG, "Search API"; DuckDuckGo's page without scripts.
 */
import type { IncomingHttpHeaders } from 'node:http'

export const ENGINES = ['duckduckgo', 'tavily', 'serper', 'brave', 'searxng', 'custom'] as const
export type Engine = (typeof ENGINES)[number]

/** What there is to be found. */
export interface Found {
  readonly title: string
  readonly url: string
  /** '' : the engine shows none. */
  readonly snippet: string
  readonly age?: string
  readonly extraSnippets?: readonly string[]
  /** DuckDuckGo alone shows them. */
  readonly ad?: boolean
}

export interface EngineRequest {
  readonly method: string
  readonly path: string
  readonly search: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A question as the engine understood it. */
export interface Question {
  readonly query: string
  readonly key: string | null
  readonly count: number | null
  readonly country: string | null
  readonly onlyDomains: readonly string[]
  readonly notDomains: readonly string[]
}

export interface EngineAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface EngineFormat {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Whether nobody is answered without a key. */
  readonly needsKey: boolean
  /** @throws SyntaxError where the body is not what it has to be. */
  read(request: EngineRequest): Question
  answer(question: Question, found: readonly Found[]): EngineAnswer
  refuse(status: number): EngineAnswer
  /** What it answers to a key that it does not know. */
  readonly unknownKey: number
}

const json = (status: number, body: unknown): EngineAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
})
const html = (status: number, body: string): EngineAnswer => ({
  status,
  contentType: 'text/html; charset=UTF-8',
  body: `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n${body}`,
})

const NOTHING_ASKED: Question = {
  query: '',
  key: null,
  count: null,
  country: null,
  onlyDomains: [],
  notDomains: [],
}
const header = (headers: IncomingHttpHeaders, name: string): string | null => headers[name]?.toString() ?? null
const bearer = (headers: IncomingHttpHeaders): string | null =>
  /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

export const FORMATS: Readonly<Record<Engine, EngineFormat>> = {
  duckduckgo: {
    method: 'POST',
    path: '/duckduckgo/html/',
    needsKey: false,
    unknownKey: 403,
    read({ body }) {
      const form = new URLSearchParams(body)
      return { ...NOTHING_ASKED, query: form.get('q') ?? '', country: form.get('kl') || null }
    },
    answer: ({ query }, found) => html(200, duckduckgoPage(query, found)),
    refuse: (status) =>
      status === 202 ? html(202, DUCKDUCKGO_CHALLENGE) : html(status, '<h1>If this error persists</h1>'),
  },
  tavily: {
    method: 'POST',
    path: '/tavily/search',
    needsKey: true,
    unknownKey: 401,
    read({ headers, body }) {
      const asked = JSON.parse(body)
      return {
        query: asked.query,
        key: bearer(headers),
        count: asked.max_results ?? 5,
        country: asked.country ?? null,
        onlyDomains: listOf(asked.include_domains),
        notDomains: listOf(asked.exclude_domains),
      }
    },
    answer: ({ query }, found) =>
      json(200, {
        query,
        follow_up_questions: null,
        answer: null,
        images: [],
        results: found.map(({ title, url, snippet, age }, place) => ({
          url,
          title,
          content: snippet,
          score: 0.99 - place / 100,
          raw_content: null,
          ...(age !== undefined && { published_date: age }),
        })),
        response_time: 1.09,
        request_id: crypto.randomUUID(),
      }),
    refuse: (status) => json(status, { detail: { error: `Unauthorized: ${ECHOED}` } }),
  },
  serper: {
    method: 'POST',
    path: '/serper/search',
    needsKey: true,
    unknownKey: 403,
    read({ headers, body }) {
      const asked = JSON.parse(body)
      return {
        ...NOTHING_ASKED,
        query: asked.q,
        key: header(headers, 'x-api-key'),
        count: asked.num ?? 10,
        country: asked.gl ?? null,
      }
    },
    answer: ({ query, count }, found) =>
      json(200, {
        searchParameters: { q: query, type: 'search', num: count, engine: 'google' },
        organic: found.map(({ title, url, snippet, age }, place) => ({
          title,
          link: url,
          snippet,
          ...(age !== undefined && { date: age }),
          position: place + 1,
        })),
        relatedSearches: [{ query: 'something else' }],
        credits: 1,
      }),
    refuse: (status) =>
      json(status, { message: status === 400 ? 'Not enough credits' : `Unauthorized. ${ECHOED}`, statusCode: status }),
  },
  brave: {
    method: 'GET',
    path: '/brave/res/v1/web/search',
    needsKey: true,
    unknownKey: 422,
    read: ({ headers, search }) => ({
      ...NOTHING_ASKED,
      query: search.get('q') ?? '',
      key: header(headers, 'x-subscription-token'),
      count: Number(search.get('count') ?? 20),
      country: search.get('country'),
    }),
    answer: ({ query }, found) =>
      json(200, {
        query: { original: query, show_strict_warning: false, is_navigational: false, more_results_available: true },
        mixed: {
          type: 'mixed',
          main: found.map((_, index) => ({ type: 'web', index, all: false })),
          top: [],
          side: [],
        },
        type: 'search',
        // Without a hit it is left out.
        ...(found.length > 0 && { web: { type: 'search', results: found.map(braveResult), family_friendly: true } }),
      }),
    refuse: (status) =>
      json(status, {
        type: 'ErrorResponse',
        error: {
          id: crypto.randomUUID(),
          status,
          detail: `The provided subscription token is invalid. ${ECHOED}`,
          code: status === 422 ? 'SUBSCRIPTION_TOKEN_INVALID' : status === 429 ? 'RATE_LIMITED' : 'INTERNAL',
        },
        time: 1_764_000_000,
      }),
  },
  searxng: {
    method: 'GET',
    path: '/searxng/search',
    needsKey: false,
    unknownKey: 403,
    read: ({ search }) => ({ ...NOTHING_ASKED, query: search.get('q') ?? '' }),
    answer: ({ query }, found) =>
      json(200, {
        query,
        number_of_results: 0,
        results: found.map(searxngResult),
        answers: [],
        corrections: [],
        infoboxes: [],
        suggestions: [],
        unresponsive_engines: [['google', 'Suspended: too many requests']],
      }),
    refuse: (status) => html(status, `<title>${status}</title><p>${ECHOED}</p>`),
  },
  custom: {
    method: 'POST',
    path: '/custom/search',
    needsKey: false,
    unknownKey: 401,
    read({ headers, body }) {
      const asked = JSON.parse(body)
      return { ...NOTHING_ASKED, query: asked.query, key: bearer(headers), count: asked.count ?? null }
    },
    answer: (_, found) =>
      json(
        200,
        found.map(({ title, url, snippet }) => ({ title, link: url, snippet })),
      ),
    refuse: (status) => json(status, { error: ECHOED }),
  },
}

/** Stands in every refusal, so that a test sees whether it is handed on. */
export const ECHOED = 'internal detail of the provider'

const braveResult = ({ title, url, snippet, age, extraSnippets }: Found): unknown => ({
  title,
  url,
  is_source_local: false,
  is_source_both: false,
  description: snippet,
  ...(age !== undefined && { page_age: '2026-04-30T10:00:00', age }),
  profile: { name: 'Example', url, long_name: 'example.com', img: '' },
  language: 'en',
  family_friendly: true,
  type: 'search_result',
  subtype: 'generic',
  meta_url: { scheme: 'https', netloc: 'example.com', hostname: 'example.com', favicon: '', path: '' },
  ...(extraSnippets !== undefined && { extra_snippets: extraSnippets }),
})

const searxngResult = ({ title, url, snippet, age }: Found, place: number): unknown => ({
  url,
  title,
  content: snippet,
  publishedDate: age ?? null,
  thumbnail: '',
  engine: 'brave',
  template: 'default.html',
  parsed_url: ['https', 'example.com', '/', '', '', ''],
  img_src: '',
  priority: '',
  engines: ['brave', 'duckduckgo'],
  positions: [place + 1],
  score: 1 / (place + 1),
  category: 'general',
})

const inHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;')

/** As in its pages: through the page that counts, the words that were asked for in bold. */
function duckduckgoPage(query: string, found: readonly Found[]): string {
  const bold = (text: string): string => {
    const [word = ''] = query.split(' ')
    return /^\w+$/.test(word) ? inHtml(text).replaceAll(word, `<b>${word}</b>`) : inHtml(text)
  }
  const results = found.map(({ title, url, snippet, ad }) => {
    const href = ad
      ? `https://duckduckgo.com/y.js?ad_domain=shop.example&amp;ad_provider=bingv7aa&amp;u3=${encodeURIComponent(url)}`
      : `//duckduckgo.com/l/?uddg=${encodeURIComponent(url)}&amp;rut=0123456789abcdef`
    const shown = snippet === '' ? '' : `<a class="result__snippet" href="${href}">${bold(snippet)}</a>`
    return `<div class="result results_links results_links_deep ${ad ? 'result--ad' : 'web-result'} ">
  <div class="links_main links_deep result__body">
    <h2 class="result__title">
      <a rel="nofollow" class="result__a" href="${href}">${bold(title)}</a>
    </h2>
    <div class="result__extras"><div class="result__extras__url">
      <a class="result__url" href="${href}">${inHtml(URL.parse(url)?.host ?? url)}</a>
    </div></div>
    ${shown}
    <div class="clear"></div>
  </div>
</div>`
  })
  const list = results.length > 0 ? results.join('\n') : '<div class="no-results">No results.</div>'
  return `<html><head><title>${inHtml(query)} at DuckDuckGo</title></head><body class="body--html">
<form id="search_form" class="search--header" action="/html/" method="post"><input name="q" value="${inHtml(query)}" /></form>
<div class="serp__results"><div id="links" class="results">${list}</div></div></body></html>`
}

const DUCKDUCKGO_CHALLENGE = `<html><head><title>DuckDuckGo</title></head><body>
<form id="challenge-form" action="//duckduckgo.com/anomaly.js?sv=html&amp;cc=botnet" method="POST">
<div class="anomaly-modal__mask"><div class="anomaly-modal__modal" data-testid="anomaly-modal">
<div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div>
<div class="anomaly-modal__description">Please complete the following challenge to confirm this search was made by a human.</div>
</div></div></form></body></html>`
