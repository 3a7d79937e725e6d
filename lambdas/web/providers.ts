/**
 * How each provider is asked, and what it says when it does not answer. Sources: Tavily, API reference, "Search"; Serper, API
 * playground; Brave, Web Search API; SearXNG, developer documentation, "Search API"; DuckDuckGo's page without scripts.
 */
import { siteOperators } from './domains.ts'
import { MOST_RESULTS, type RawHit, resultsWanted } from './hits.ts'
import { braveCountry, countryOf, duckduckgoRegion, tavilyCountry } from './places.ts'
import type { Provider, ProviderType, SearchAnswer, SearchQuestion, UserLocation } from './web.ts'

/** Where the providers are that have one address for all; a local stand-in names another. */
export type Endpoints = Partial<Readonly<Record<ProviderType, string>>>

export interface ProviderRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

type Failure = Extract<SearchAnswer, { ok: false }>

export type Prepared = { readonly ok: true; readonly request: ProviderRequest } | Failure

/** What a question is made of by the time that it is put into a provider's words. */
interface Asked {
  /** With the operators of the engine, where it has some. */
  readonly query: string
  readonly key: string
  readonly url: string
  readonly count: number
  readonly question: SearchQuestion
  readonly country: string | undefined
}

interface Recipe {
  readonly name: string
  readonly needs: 'key' | 'url' | null
  readonly endpoint: string | null
  /** Whether `site:` means something there. */
  readonly operators: boolean
  /** For all of it, a second try included. */
  readonly timeoutMs: number
  request(asked: Asked): ProviderRequest
  /** What is found lies here in the answer; absent: it is no JSON. */
  readonly found?: (answer: Record<string, unknown> | readonly unknown[]) => unknown
  readonly hit?: (found: Record<string, unknown>) => RawHit
  /** Refusals whose status says something else. */
  readonly refusals?: readonly {
    readonly status: number
    readonly saying: string
    readonly means: 'key' | 'used-up'
  }[]
}

/** An answer of an index comes within a second or two; somebody waits, and the next provider may be faster. */
const OF_INDEX_MS = 5000
/** They search while they are asked, several places at once. As long as anybody is waited for on the way out. */
const OF_SEARCHING_MS = 10_000

/** A page for people is given to browsers; whoever else asks is shown a riddle. */
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml',
  'accept-language': 'en-US,en;q=0.9',
  referer: 'https://html.duckduckgo.com/',
  'sec-fetch-mode': 'navigate',
}
/** Who does not say who it is, is refused by many that stand in front of a server. */
const JSON_WANTED = {
  accept: 'application/json',
  'accept-language': 'en-US,en;q=0.9',
  'user-agent': 'claude-code-gateway',
}
const JSON_SENT = { ...JSON_WANTED, 'content-type': 'application/json' }

/** Brave refuses more; what comes later hardly weighs. */
const MOST_WORDS_AT_BRAVE = 50

/** What may stand in a header. Names of places in other letters are left out: Brave would read them as others. */
const HEADER_TEXT = /^[\x20-\x7e]{1,100}$/

/** Where whoever asks is, for Brave. Source: Brave Search API, "Request headers". */
function placeHeaders(location: UserLocation | null): Record<string, string> {
  const { city, region, country, timezone } = location ?? { city: null, region: null, country: null, timezone: null }
  const named = {
    'x-loc-city': city,
    'x-loc-state-name': region,
    'x-loc-country': country?.toUpperCase() ?? null,
    'x-loc-timezone': timezone,
  }
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      value !== null && HEADER_TEXT.test(value.trim()) ? [[name, value.trim()]] : [],
    ),
  )
}

const RECIPES: Readonly<Record<ProviderType, Recipe>> = {
  duckduckgo: {
    name: 'DuckDuckGo',
    needs: null,
    endpoint: 'https://html.duckduckgo.com/html/',
    operators: true,
    timeoutMs: OF_INDEX_MS,
    request: ({ url, query, country }) => ({
      url,
      method: 'POST',
      headers: { ...BROWSER, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        q: query,
        b: '',
        kl: (country && duckduckgoRegion(country)) ?? '',
      }).toString(),
    }),
  },
  tavily: {
    name: 'Tavily',
    needs: 'key',
    endpoint: 'https://api.tavily.com/search',
    operators: false,
    timeoutMs: OF_SEARCHING_MS,
    request: ({ url, query, key, count, country, question: { allowedDomains, blockedDomains } }) => ({
      url,
      method: 'POST',
      headers: { ...JSON_SENT, authorization: `Bearer ${key}` },
      body: JSON.stringify({
        query,
        max_results: count,
        include_domains: hostsAlone(allowedDomains, 300),
        // A path is blocked by us alone, or all of its site would be missing.
        exclude_domains: hostsAlone(
          (blockedDomains ?? []).filter((domain) => !domain.includes('/')),
          150,
        ),
        country: country && tavilyCountry(country),
      }),
    }),
    found: (answer) => memberOf(answer, 'results'),
    hit: ({ title, url, content, published_date }) => ({ title, url, snippet: content, age: published_date }),
  },
  serper: {
    name: 'Serper',
    needs: 'key',
    endpoint: 'https://google.serper.dev/search',
    operators: true,
    timeoutMs: OF_INDEX_MS,
    request: ({ url, query, key, count, country }) => ({
      url,
      method: 'POST',
      headers: { ...JSON_SENT, 'x-api-key': key },
      body: JSON.stringify({ q: query, num: count, gl: country?.toLowerCase() }),
    }),
    found: (answer) => memberOf(answer, 'organic'),
    hit: ({ title, link, snippet, date }) => ({ title, url: link, snippet, age: date }),
    refusals: [{ status: 400, saying: 'Not enough credits', means: 'used-up' }],
  },
  brave: {
    name: 'Brave',
    needs: 'key',
    endpoint: 'https://api.search.brave.com/res/v1/web/search',
    operators: true,
    timeoutMs: OF_INDEX_MS,
    request: ({ url, query, key, count, country, question: { location } }) => ({
      url: withQuery(url, {
        q: query.split(' ').slice(0, MOST_WORDS_AT_BRAVE).join(' '),
        count: `${count}`,
        text_decorations: 'false',
        result_filter: 'web',
        country: country && braveCountry(country),
      }),
      method: 'GET',
      headers: { ...JSON_WANTED, 'x-subscription-token': key, ...placeHeaders(location) },
    }),
    // Without a hit it leaves out `web`.
    found: (answer) =>
      memberOf(answer, 'type') === 'search' ? (memberOf(memberOf(answer, 'web'), 'results') ?? []) : undefined,
    hit: ({ title, url, description, extra_snippets, age, page_age }) => ({
      title,
      url,
      snippet: [description, ...(Array.isArray(extra_snippets) ? extra_snippets : [])]
        .filter((part) => typeof part === 'string')
        .join(' '),
      age: age ?? page_age,
    }),
    refusals: [{ status: 422, saying: 'SUBSCRIPTION_TOKEN_INVALID', means: 'key' }],
  },
  searxng: {
    name: 'SearXNG',
    needs: 'url',
    endpoint: null,
    // Handed on to engines that know it. One that does not finds less; nothing else reaches a site at all.
    operators: true,
    timeoutMs: OF_SEARCHING_MS,
    request: ({ url, query }) => ({
      url: withQuery(searchAddress(url), { q: query, format: 'json', categories: 'general', language: 'en' }),
      method: 'GET',
      headers: JSON_WANTED,
    }),
    found: (answer) => memberOf(answer, 'results'),
    hit: ({ title, url, content, publishedDate }) => ({ title, url, snippet: content, age: publishedDate }),
  },
  custom: {
    name: 'The search endpoint',
    needs: 'url',
    endpoint: null,
    operators: false,
    timeoutMs: OF_SEARCHING_MS,
    request: ({ url, query, key, count }) => ({
      url,
      method: 'POST',
      headers: { ...JSON_SENT, ...(key !== '' && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ query, count }),
    }),
    found: (answer) => (Array.isArray(answer) ? answer : memberOf(answer, 'results')),
    hit: ({ title, link, url, snippet, content, description, date }) => ({
      title: title || link || url,
      url: link || url,
      snippet: snippet || content || description,
      age: date,
    }),
  },
}

export const providerName = (type: ProviderType): string => RECIPES[type].name
export const providerTimeoutMs = (type: ProviderType): number => RECIPES[type].timeoutMs

/** What Brave and Tavily take, and more than any engine looks at: the same everywhere, or a question would fail at some only. */
const LONGEST_QUERY = 400

/** What is wrong with a question, whoever is asked. */
export function questionProblem(query: string): Failure | null {
  if (query.trim() === '') return { ok: false, error: 'invalid_tool_input', why: 'There was nothing to search for' }
  return [...query.trim()].length > LONGEST_QUERY
    ? { ok: false, error: 'query_too_long', why: `A search has at most ${LONGEST_QUERY} characters` }
    : null
}

/** What a provider lacks, as a sentence; `null`: it can be asked. */
export function providerProblem({ type, apiKey, apiUrl }: Pick<Provider, 'type' | 'apiKey' | 'apiUrl'>): string | null {
  const { name, needs } = RECIPES[type]
  if (needs === 'key' && !apiKey) return `${name} needs a key`
  // Anything else cannot stand in a header.
  if (apiKey && !/^[\x21-\x7e]+$/.test(apiKey)) return `The key for ${name} holds signs that no key has`
  if (needs === 'url' && !apiUrl) return `${name} needs an address`
  return null
}

/** The request that puts a question to a provider. */
export function prepare(question: SearchQuestion, provider: Provider, endpoints: Endpoints): Prepared {
  const why = providerProblem(provider)
  if (why !== null) return { ok: false, error: 'unavailable', why }
  const { type, apiKey, apiUrl, maxResults } = provider
  const recipe = RECIPES[type]
  const operators = recipe.operators ? siteOperators(question) : ''
  const plain = question.query.replace(/\s+/g, ' ').trim()
  const narrowed = `${plain} ${operators}`.trim()
  const restricted = question.allowedDomains !== null || question.blockedDomains !== null
  return {
    ok: true,
    request: recipe.request({
      query: narrowed.length <= LONGEST_QUERY ? narrowed : plain,
      key: apiKey ?? '',
      url: recipe.endpoint === null ? (apiUrl ?? '') : (endpoints[type] ?? recipe.endpoint),
      // What the rule takes away is asked for beside what stays.
      count: restricted ? MOST_RESULTS : resultsWanted(maxResults),
      question,
      country: countryOf(question.location?.country ?? null),
    }),
  }
}

/** Tavily tells so that a plan, or what may be paid beside it, is used up. */
const USED_UP = new Set([432, 433])

/**
 * Why a provider gave no answer; `null`: it did.
 * @param text Is looked at, never told: it may hold anything.
 */
export function statusProblem(type: ProviderType, status: number, text: string): Failure | null {
  if (status === 200) return null
  const { name, refusals = [] } = RECIPES[type]
  const tooMany = (why: string): Failure => ({ ok: false, error: 'too_many_requests', why })
  const unavailable = (why: string): Failure => ({ ok: false, error: 'unavailable', why })
  const means = refusals.find((one) => one.status === status && text.includes(one.saying))?.means
  // DuckDuckGo's riddle for robots comes with a status of success.
  if (status === 429 || (type === 'duckduckgo' && status === 202)) return tooMany(`${name} was asked too often`)
  if (means === 'used-up' || USED_UP.has(status)) return tooMany(`The plan of the key for ${name} is used up`)
  if (means === 'key' || status === 401 || status === 403) return unavailable(refusal(type))
  if (status >= 300 && status < 400) return unavailable(`${name} has moved to another address`)
  return unavailable(`${name} answered with status ${status}`)
}

function refusal(type: ProviderType): string {
  const { name } = RECIPES[type]
  if (type === 'duckduckgo') return `${name} refused to answer`
  // SearXNG has no keys: it refuses so a format that is not switched on.
  if (type === 'searxng') return `The key was refused, or the format json is not switched on (${name})`
  return `The key was refused (${name})`
}

/** What was found; `undefined`: the answer is none of this provider's. */
export function readFound(type: ProviderType, text: string): readonly RawHit[] | undefined {
  const { found, hit } = RECIPES[type]
  const answer = parsed(text)
  if (found === undefined || hit === undefined || typeof answer !== 'object' || answer === null) return undefined
  const list = found(answer as Record<string, unknown>)
  return Array.isArray(list)
    ? list.filter((one) => typeof one === 'object' && one !== null).map((one) => hit(one))
    : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** `undefined` where there are none, or more than are taken: then we sift alone. */
function hostsAlone(domains: readonly string[] | null, most: number): readonly string[] | undefined {
  const hosts = [...new Set((domains ?? []).map((domain) => domain.split('/')[0] ?? ''))]
  return hosts.length > 0 && hosts.length <= most ? hosts : undefined
}

/** @throws TypeError where it is no URL. */
function withQuery(url: string, members: Readonly<Record<string, string | undefined>>): string {
  const whole = new URL(url)
  for (const [name, value] of Object.entries(members)) if (value) whole.searchParams.set(name, value)
  return whole.href
}

/** People give the address of the instance, or that of its search. */
const searchAddress = (url: string): string => `${url.replace(/\/+$/, '').replace(/\/search$/, '')}/search`
