/** How the providers are called, and what they need. */
import type { OwnProvider, ProviderType, SharedProvider } from '../../api/web-search-types.ts'

interface ProviderWords {
  readonly name: string
  readonly text: string
  readonly key: 'needed' | 'possible' | 'none'
  readonly hasUrl: boolean
  /** Where a key is to be had. */
  readonly site?: { readonly url: string; readonly text: string }
  /** Beside the field of its address. */
  readonly urlHelp?: string
  readonly urlExample?: string
}

export const PROVIDERS: Readonly<Record<ProviderType, ProviderWords>> = {
  duckduckgo: {
    name: 'DuckDuckGo',
    text: 'Free and without a key. Its page for people is read, so it may answer slowly, or not at all when asked often.',
    key: 'none',
    hasUrl: false,
  },
  tavily: {
    name: 'Tavily',
    text: 'Made for models: what it finds is structured and longer. It has a free tier; its keys begin with tvly-.',
    key: 'needed',
    hasUrl: false,
    site: { url: 'https://app.tavily.com/', text: 'Keys of Tavily' },
  },
  serper: {
    name: 'Serper',
    text: 'The results of Google, through an API.',
    key: 'needed',
    hasUrl: false,
    site: { url: 'https://serper.dev/', text: 'Keys of Serper' },
  },
  brave: {
    name: 'Brave',
    text: 'An index of its own, through an API.',
    key: 'needed',
    hasUrl: false,
    site: { url: 'https://api-dashboard.search.brave.com/', text: 'Keys of Brave' },
  },
  searxng: {
    name: 'SearXNG',
    text: 'An instance of your own, which asks many engines.',
    key: 'none',
    hasUrl: true,
    urlHelp: 'The instance has to answer in JSON.',
    urlExample: 'https://searx.example.org',
  },
  custom: {
    name: 'Custom',
    text: 'Any address that takes a search by POST and answers with a list.',
    key: 'possible',
    hasUrl: true,
    urlHelp:
      'It is sent {"query", "count"} and answers [{"title", "link", "snippet"}]. A key is sent as a bearer token.',
    urlExample: 'https://search.example.org/search',
  },
}

export const TYPES = Object.keys(PROVIDERS) as ProviderType[]

export const MOST_RESULTS = 20
export const USUAL_RESULTS = 5

/** What is there already, of one's own or of everybody's. */
export type Stored = Pick<OwnProvider, 'has_api_key' | 'api_url' | 'max_results'> & Partial<SharedProvider>
