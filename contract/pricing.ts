/** Prices: what a request costs, by model, scope, service tier and day. All amounts are US dollars per million tokens. */
import * as z from 'zod'
import { Timestamp } from './fields.ts'
import { route } from './route.ts'

/** A hundred times the dearest model there is; above it somebody has written cents, or dollars for a single token. */
const DEAREST_USD = 10_000

/** Nine decimals: a nano-dollar, which is what money is counted in. */
const hasNineDecimals = (usd: number): boolean => Number(usd.toFixed(9)) === usd

const Rate = z
  .number({
    error: ({ input }) =>
      input === undefined ? 'Missing required field' : 'must be a number, in US dollars per million tokens',
  })
  .min(0, 'must be 0 or more')
  .max(DEAREST_USD, 'must be at most 10,000 US dollars per million tokens')
  .refine(hasNineDecimals, 'must have at most nine decimals')

const Scope = z.enum(['global', 'regional']).meta({
  description: '`global`: answered anywhere (`global.` profiles). `regional`: within a geography or region.',
})
const Tier = z.enum(['default', 'priority', 'flex', 'reserved'])
const Source = z.enum(['seed', 'price_list_api', 'admin_manual']).meta({
  description: 'The release, AWS’s price list, an administrator; a later one of these wins.',
})
const Day = z.iso.date('must be a day, such as 2026-12-01').meta({ description: 'First day (UTC) on which it holds.' })

/** In the reference's order, which is that of its complaints. */
const rates = {
  input_rate: Rate,
  output_rate: Rate,
  cache_read_rate: Rate,
  cache_write_rate: Rate.meta({ description: 'Kept for five minutes.' }),
  cache_write_1h_rate: Rate.optional().meta({ description: 'Kept for an hour. Absent: twice the input rate.' }),
}

const LongPromptWish = z.strictObject({
  above_tokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .meta({ description: 'A prompt of more tokens than this, cache included, makes the whole request dearer.' }),
  ...rates,
})

const Rates = z.object({
  input_rate: z.number(),
  output_rate: z.number(),
  cache_read_rate: z.number(),
  cache_write_rate: z.number(),
  cache_write_1h_rate: z.number(),
})
const LongPrompt = Rates.extend({ above_tokens: z.int() })

const PricingRow = Rates.extend({
  model_prefix: z.string().meta({
    description:
      "Anthropic's name of the model. The name is the reference's: a model is found by its whole name, not by the beginning of it.",
  }),
  source: Source,
  aws_sku: z.nullable(z.string()),
  updated_at: Timestamp,
  updated_by: z.nullable(z.string()),
  scope: Scope,
  tier: Tier,
  effective_from: z.string(),
  long_prompt: z.nullable(LongPrompt),
  in_force: z.boolean().meta({ description: 'Requests of this scope and tier are priced by it now.' }),
  overridden_by: z
    .nullable(Source)
    .meta({ description: 'Of the price that holds instead; null for one that holds, or has not begun.' }),
  derived: z.boolean().meta({
    description: 'There is no such price: it is what requests cost, worked out from another scope. Only without `all`.',
  }),
})

/** Any name of a model: dates, suffixes and Bedrock's ids mean the same one. */
const ByModel = z.object({
  model: z
    .string()
    .max(256)
    .regex(/claude-/, 'must name a model of Claude, such as claude-opus-5-5'),
})

const flag = z.enum(['true', 'false']).optional()

export const listPricing = route({
  method: 'GET',
  path: '/admin/pricing',
  access: 'admin',
  summary: 'What each model costs, by name: its global price of the default tier, or all prices there are.',
  query: z.object({
    all: flag.meta({ description: '`true`: every scope, tier and source, past and future prices too.' }),
  }),
  responses: { 200: z.array(PricingRow) },
})

export const setPrice = route({
  method: 'PUT',
  path: '/admin/pricing/{model}',
  access: 'admin',
  summary: 'Set a price that wins over all others of its model, scope and tier. Only later requests are priced by it.',
  params: ByModel,
  body: z
    .strictObject({
      ...rates,
      aws_sku: z.string().trim().max(100).nullish(),
      scope: Scope.optional().meta({ description: 'Absent: `global`.' }),
      tier: Tier.optional().meta({ description: 'Absent: `default`.' }),
      effective_from: Day.optional().meta({ description: 'Absent: today, UTC. Not earlier.' }),
      long_prompt: LongPromptWish.nullish().meta({ description: 'Absent or null: long prompts cost the same.' }),
      free: z.boolean().optional().meta({ description: 'Has to be true where every rate is 0.' }),
    })
    .refine(
      ({ free, input_rate, output_rate, cache_read_rate, cache_write_rate, cache_write_1h_rate = 0 }) =>
        free === true ||
        [input_rate, output_rate, cache_read_rate, cache_write_rate, cache_write_1h_rate].some((rate) => rate !== 0),
      { path: ['free'], message: 'must be true to let the model be used for nothing' },
    ),
  responses: { 200: PricingRow },
})

export const resetPrice = route({
  method: 'DELETE',
  path: '/admin/pricing/{model}',
  access: 'admin',
  summary: "Take the administrators' prices of a model back: AWS's list, or else the release, holds again at once.",
  params: ByModel,
  query: z.object({
    scope: Scope.optional().meta({ description: 'Absent: both.' }),
    tier: Tier.optional().meta({ description: 'Absent: all.' }),
  }),
  responses: {
    200: z.object({ deleted: z.literal(true) }),
    404: z.object({ deleted: z.literal(false), error: z.literal('not found') }),
  },
})

const Count = z.int().nonnegative()

const counts = {
  inserted: Count,
  updated: Count,
  unchanged: Count,
  skipped_manual: Count.meta({ description: "Prices under an administrator's own, which stays." }),
  errors: z.array(z.string()).meta({ description: 'What could not be read, and what was left out because of it.' }),
}

export const refreshPricing = route({
  method: 'POST',
  path: '/admin/pricing/refresh',
  access: 'admin',
  summary: "Take over what AWS's price list says now. Prices that have changed hold from today on.",
  query: z.object({ dry_run: flag.meta({ description: '`true`: nothing is written.' }) }),
  responses: {
    200: z.object({
      ...counts,
      failed: z.boolean().meta({ description: 'The list could not be read at all.' }),
      dry_run: z.boolean(),
      region: z.nullable(z.string()).meta({ description: 'Whose list it is.' }),
      other_models: Count.meta({ description: 'Models of other vendors on the list.' }),
      changes: z.array(
        z.object({
          model: z.string(),
          scope: Scope,
          tier: Tier,
          kind: z.enum(['inserted', 'updated', 'skipped_manual', 'held_back']).meta({
            description:
              '`held_back`: so far from the price in force that it is not taken over; whoever finds it right sets it by hand.',
          }),
          before: z.nullable(Rates.extend({ source: Source, long_prompt: z.nullable(LongPrompt) })),
          after: Rates.extend({ long_prompt: z.nullable(LongPrompt) }),
        }),
      ),
    }),
  },
})

export const readRefresh = route({
  method: 'GET',
  path: '/admin/pricing/refresh',
  access: 'admin',
  summary: "How the last look at AWS's price list went, and when the next one is due.",
  responses: {
    200: z.object({
      last: z.nullable(
        z.object({
          at: Timestamp,
          by: z.string(),
          failed: z.boolean(),
          region: z.nullable(z.string()),
          ...counts,
        }),
      ),
      next_at: z.nullable(Timestamp).meta({ description: 'null before the schedule has fired for the first time.' }),
    }),
  },
})

export const listUnpriced = route({
  method: 'GET',
  path: '/admin/pricing/unpriced',
  access: 'admin',
  summary: 'Models that were asked for in the last 30 days and have no price yet; at most ten minutes old.',
  responses: {
    200: z.object({
      days: z.literal(30),
      models: z.array(
        z.object({
          model: z.string(),
          requests: Count.meta({ description: 'Priced at the rates for what is unknown.' }),
          tokens: Count,
          charged_usd: z.number(),
          last_seen: Timestamp.meta({ description: 'To the hour.' }),
        }),
      ),
    }),
  },
})

export const pricingRoutes = [listPricing, readRefresh, refreshPricing, listUnpriced, setPrice, resetPrice] as const
