/** Searching the web: whether it is allowed, by whose means, and what each person has set up for themselves. */
import * as z from 'zod'
import { AdminError } from './errors.ts'
import { Id, Timestamp } from './fields.ts'
import { route } from './route.ts'

const PROVIDER_TYPES = ['duckduckgo', 'tavily', 'serper', 'brave', 'searxng', 'custom'] as const
const KNOWN = PROVIDER_TYPES.join(', ')

const ProviderType = z.enum(PROVIDER_TYPES, { error: `Invalid provider_type. Must be one of: ${KNOWN}` })
const SharedProviderType = z.enum(PROVIDER_TYPES, {
  error: ({ input }) =>
    input === undefined || input === null
      ? `provider_type is required in the provider configuration. Must be one of: ${KNOWN}`
      : `Invalid provider_type '${String(input).slice(0, 100)}'. Must be one of: ${KNOWN}`,
})

const MODES = ['enabled', 'disabled', 'global'] as const
const Mode = z.enum(MODES, {
  error: ({ input }) => `Invalid websearch mode '${String(input).slice(0, 100)}'. Must be one of: ${MODES.join(', ')}`,
})

/** Sent in a header, so it is what a header can hold. Keys of these services have less than a hundred characters. */
const ApiKey = z
  .string()
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x21-\x7e]*$/, 'must be one word of letters, digits and ASCII signs')
  .nullish()
  .meta({ description: 'Absent or empty: the stored one stays. null: it is taken away. Never told again.' })

const ApiUrl = z
  .string()
  .trim()
  .max(2048, 'must have at most 2,048 characters')
  .nullish()
  .meta({ description: 'Of searxng and custom alone. Absent: the stored one stays. null or empty: none.' })

const MaxResults = z
  .number({ error: 'must be a number' })
  .optional()
  .meta({ description: 'Put into 1 to 20. Absent: as it is, at first 5.' })

/** What an answer shows beside it is taken, so that it can be sent back as it came; it changes nothing. */
const shown = { has_api_key: z.boolean().optional(), id: Id.optional() }
const times = { created_at: Timestamp.optional(), updated_at: Timestamp.optional() }

const wish = {
  provider_type: ProviderType,
  api_key: ApiKey,
  api_url: ApiUrl,
  max_results: MaxResults,
  enabled: z.boolean().optional().meta({
    description: 'Whether searches go through it, and then through no other. Absent: as it is; the first one is.',
  }),
  ...shown,
  ...times,
}

const Rev = z
  .int()
  .min(0)
  .optional()
  .meta({ description: 'The revision that was seen: 409 when it is not the last one.' })

const OwnProvider = z.object({
  id: Id,
  provider_type: ProviderType,
  has_api_key: z.boolean(),
  api_url: z.nullable(z.string()),
  max_results: z.int(),
  enabled: z.boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const listSearchProviders = route({
  method: 'GET',
  path: '/admin/search-providers',
  access: 'any',
  summary: 'What the caller has set up to search the web by, and whether it counts.',
  responses: {
    200: z.object({
      providers: z.array(OwnProvider),
      mode: Mode.meta({ description: '`enabled`: one’s own provider. `global`: one for everybody.' }),
      global_provider: z.nullable(ProviderType).meta({ description: 'In mode `global`: who is asked.' }),
      fallback: z.boolean().meta({ description: 'Whether DuckDuckGo is asked where the provider does not answer.' }),
      this_month: z
        .object({ searches: z.int(), cost_usd: z.number() })
        .meta({ description: 'Searches that were answered in this calendar month, UTC, and what they count.' }),
      rev: z.int(),
    }),
    404: AdminError,
  },
})

export const saveSearchProvider = route({
  method: 'PUT',
  path: '/admin/search-providers',
  access: 'any',
  summary: 'Set a provider up, or change what is said; one of each type.',
  body: z.strictObject({ ...wish, rev: Rev }),
  responses: { 200: z.object({ provider: OwnProvider, rev: z.int() }), 404: AdminError, 409: AdminError },
})

export const activateSearchProvider = route({
  method: 'POST',
  path: '/admin/search-providers/activate',
  access: 'any',
  summary: 'Search by a provider that was saved, and by no other.',
  body: z.strictObject({ provider_type: z.string().max(100), rev: Rev }),
  responses: {
    200: z.object({
      provider: z.object({ id: Id, provider_type: ProviderType, enabled: z.literal(true) }),
      rev: z.int(),
    }),
    404: AdminError,
    409: AdminError,
  },
})

export const removeSearchProvider = route({
  method: 'DELETE',
  path: '/admin/search-providers/{type}',
  access: 'any',
  summary: 'Forget a provider with its key. Where it was the one that is asked, DuckDuckGo is from now on.',
  params: z.object({ type: z.enum(PROVIDER_TYPES, `must be one of: ${KNOWN}`) }),
  responses: {
    200: z.union([
      z.object({ deleted: z.literal(true) }),
      z.object({ deleted: z.literal(false), message: z.literal('No config to delete') }),
    ]),
    404: AdminError,
  },
})

export const testSearchProvider = route({
  method: 'POST',
  path: '/admin/search-providers/test',
  access: 'any',
  summary: 'Search once by a provider, saved or not. Twenty times a minute.',
  body: z.strictObject({
    ...wish,
    use_stored_key: z
      .boolean()
      .optional()
      .meta({ description: 'What is absent is taken from what was saved, the key too.' }),
    scope: z
      .enum(['own', 'global'])
      .default('own')
      .meta({ description: 'Whose saved provider; `global` for administrators.' }),
  }),
  responses: {
    200: z.union([
      z.object({
        success: z.literal(true),
        result_count: z.int(),
        results: z.array(z.object({ title: z.string(), url: z.string(), snippet: z.string() })),
        duration_ms: z.int(),
      }),
      z.object({ success: z.literal(false), error: z.string(), duration_ms: z.int() }),
    ]),
    403: AdminError,
    404: AdminError,
    429: AdminError,
  },
})

/** A dollar for one search is a hundred times the dearest there is; above it somebody has written cents. */
const DEAREST_PER_1000_USD = 1_000
/** Then one search costs a whole number of nano-dollars. */
const hasSixDecimals = (usd: number): boolean => Number(usd.toFixed(6)) === usd

const SharedProviderWish = z.strictObject({
  provider_type: SharedProviderType,
  api_key: ApiKey,
  api_url: ApiUrl,
  max_results: MaxResults,
  price_per_1000_usd: z
    .number('must be a number, in US dollars for a thousand searches')
    .min(0, 'must be 0 or more')
    .max(DEAREST_PER_1000_USD, 'must be at most 1,000 US dollars for a thousand searches')
    .refine(hasSixDecimals, 'must have at most six decimals')
    .optional()
    .meta({ description: 'What a thousand searches count in the books. Absent: as it is, at first 0.' }),
  has_api_key: shown.has_api_key,
})

export const readWebSearchMode = route({
  method: 'GET',
  path: '/admin/websearch-mode',
  access: 'admin',
  summary: 'Whether people may search the web, and in mode `global` by whose means.',
  responses: {
    200: z.object({
      mode: Mode,
      provider: z
        .object({
          provider_type: ProviderType,
          has_api_key: z.boolean(),
          api_url: z.nullable(z.string()),
          max_results: z.int(),
          price_per_1000_usd: z.number(),
        })
        .optional()
        .meta({ description: 'In mode `global` alone.' }),
      web_fetch: z.boolean().meta({ description: 'Whether pages may be read.' }),
      fallback: z.boolean(),
      rev: z.int(),
    }),
  },
})

export const setWebSearchMode = route({
  method: 'PUT',
  path: '/admin/websearch-mode',
  access: 'admin',
  summary: 'Allow people to search the web by their own means, by one provider for all, or not at all.',
  body: z
    .strictObject({
      mode: Mode,
      provider: SharedProviderWish.nullish().meta({
        description: 'In mode `global` it has to be there; a key that it does not name stays.',
      }),
      web_fetch: z.boolean().optional().meta({ description: 'Absent: as it is, at first false.' }),
      fallback: z.boolean().optional().meta({
        description: 'Whether DuckDuckGo is asked where the provider for all does not answer. At first true.',
      }),
      rev: Rev,
    })
    .refine(({ mode, provider }) => mode !== 'global' || (provider ?? null) !== null, {
      path: ['provider'],
      error: "Provider configuration is required when mode is 'global'",
    }),
  responses: { 200: z.object({ updated: z.literal(true), rev: z.int() }), 409: AdminError },
})

export const webSearchRoutes = [
  readWebSearchMode,
  setWebSearchMode,
  listSearchProviders,
  saveSearchProvider,
  activateSearchProvider,
  removeSearchProvider,
  testSearchProvider,
] as const
