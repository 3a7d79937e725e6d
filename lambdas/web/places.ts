/** Countries as providers name them. One that a provider does not know would make it refuse the whole question, so it is left out. */

/** Source: Brave, Web Search API, "Country codes". */
const BRAVE = new Set(
  'AR AU AT BE BR CA CL CN DE DK ES FI FR GB HK ID IN IT JP KR MX MY NL NO NZ PH PL PT RU SA SE CH TR TW US ZA'.split(
    ' ',
  ),
)

/** Tavily wants English names; of these they are those of Unicode. Source: Tavily, API reference, `country`. */
const TAVILY = new Set(
  'AE AR AT AU BE BG BR CA CH CL CN CO CY DE DK EE EG ES FI FR GB GR HR HU ID IE IL IN IS IT JP KE KR LT LU LV MT MX MY NG NL NO NZ PE PH PK PL PT RO RS RU SA SE SG SI SK TH TW UA US UY VN ZA'.split(
    ' ',
  ),
)
/** Made when it is asked for: names of all regions take 12 ms to be found, which a cold start would wait for. */
const englishName = (country: string): string | undefined =>
  new Intl.DisplayNames(['en'], { type: 'region' }).of(country)?.toLowerCase()

/** Country, then language: not every pair is there. Source: DuckDuckGo, "Search results region", `kl`. */
const DUCKDUCKGO = new Map(
  'ar-es at-de au-en be-nl br-pt ca-en ch-de cl-es de-de dk-da es-es fi-fi fr-fr gb-en in-en it-it jp-jp kr-kr mx-es nl-nl no-no nz-en pl-pl pt-pt ru-ru se-sv tr-tr us-en za-en'
    .split(' ')
    .map((region) => [region.slice(0, 2).toUpperCase(), region.replace('gb-', 'uk-')]),
)

/** Two letters, or nothing. */
export const countryOf = (country: string | null): string | undefined =>
  country !== null && /^[a-z]{2}$/i.test(country) ? country.toUpperCase() : undefined

export const braveCountry = (country: string): string | undefined => (BRAVE.has(country) ? country : undefined)
export const tavilyCountry = (country: string): string | undefined =>
  TAVILY.has(country) ? englishName(country) : undefined
export const duckduckgoRegion = (country: string): string | undefined => DUCKDUCKGO.get(country)
