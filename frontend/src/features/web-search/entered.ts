/** What is entered of a provider, judged, and put into the fields that differ from what is stored. */
import type { ProviderType } from '../../api/web-search-types.ts'
import { MOST_RESULTS, PROVIDERS, type Stored, USUAL_RESULTS } from './words.ts'

export interface Entered {
  readonly key: string
  /** The stored one is to be taken away. */
  readonly dropsKey: boolean
  readonly url: string
  readonly results: string
}

export type Wrong = Readonly<Partial<Record<'api_key' | 'api_url' | 'max_results' | 'price_per_1000_usd', string>>>

export interface Changes {
  readonly api_key?: string | null
  readonly api_url?: string
  readonly max_results?: number
}

/** A key is never filled in: it is not known here. */
export const enteredOf = (stored: Stored | undefined): Entered => ({
  key: '',
  dropsKey: false,
  url: stored?.api_url ?? '',
  results: String(stored?.max_results ?? USUAL_RESULTS),
})

/** Somebody who leaves the scheme out means the one that is taken. */
const withScheme = (url: string): string => {
  const trimmed = url.trim()
  return trimmed === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
}

export function wrongIn(type: ProviderType, entered: Entered, stored: Stored | undefined): Wrong {
  const { name, key, hasUrl } = PROVIDERS[type]
  const hasKey = entered.key.trim() !== '' || (stored?.has_api_key === true && !entered.dropsKey)
  const results = Number(entered.results)
  const isCount = Number.isInteger(results) && results >= 1 && results <= MOST_RESULTS
  return {
    ...(key === 'needed' && !hasKey && { api_key: `${name} needs an API key.` }),
    ...(hasUrl && entered.url.trim() === '' && { api_url: 'Enter its address.' }),
    ...(!isCount && { max_results: `Enter a whole number from 1 to ${MOST_RESULTS}.` }),
  }
}

/** What was not touched is not said, so that it stays as it is. */
export function changesIn(type: ProviderType, entered: Entered, stored: Stored | undefined): Changes {
  const { key, hasUrl } = PROVIDERS[type]
  const [typed, url, results] = [entered.key.trim(), withScheme(entered.url), Number(entered.results)]
  return {
    ...(key !== 'none' && typed !== '' && { api_key: typed }),
    ...(typed === '' && entered.dropsKey && { api_key: null }),
    ...(hasUrl && url !== (stored?.api_url ?? '') && { api_url: url }),
    ...(results !== stored?.max_results && { max_results: results }),
  }
}
