/** Models and endpoints: how much they were used, how long they took, how often they failed, and what caches saved. */
import type * as z from 'zod'
import type { orgModels } from '../../contract/org-analytics.ts'
import type { AnalyticsWindow } from './analytics.ts'
import { addDurations, type DurationCounts, LARGEST_ERROR_PCT, percentilesOf } from './durations.ts'
import type { HourUse } from './hour-use.ts'
import { endpointName, type OrgNames } from './org-names.ts'
import { bucketsBy, stretchesOf } from './org-window.ts'
import { addUse, averageMs, byAmount, cacheHitPct, compareText, newSums, type Sums, under, usd } from './usage-sums.ts'

type Answer = Omit<z.input<(typeof orgModels)['responses'][200]>, 'window'>

interface Group {
  readonly sums: Sums
  readonly durations: DurationCounts
}

const newGroup = (): Group => ({ sums: newSums(), durations: new Map() })

function addToGroup({ sums, durations }: Group, use: HourUse): void {
  addUse(sums, use)
  addDurations(durations, use.durations())
}

/** The largest first; the name decides between equals. */
const sorted = (
  groups: ReadonlyMap<string, Group>,
  sizeOf: (sums: Sums) => number | bigint,
): (Group & { name: string })[] =>
  [...groups]
    .map(([name, group]) => ({ name, ...group }))
    .sort(
      (one, other) =>
        byAmount(BigInt(sizeOf(one.sums)), BigInt(sizeOf(other.sums))) || compareText(one.name, other.name),
    )

export function modelsTally(window: AnalyticsWindow, names: OrgNames) {
  const bucketOf = bucketsBy(window)
  const models = new Map<string, Group>()
  const endpoints = new Map<string, Group>()
  const times = new Map<string, Sums>()
  return {
    add(use: HourUse): void {
      addToGroup(under(models, use.model, newGroup), use)
      addToGroup(under(endpoints, use.endpoint, newGroup), use)
      addUse(under(times, bucketOf(use.hour), newSums), use)
    },
    answer: (): Answer => ({
      ...modelRows(models),
      latency_error_pct: LARGEST_ERROR_PCT,
      cache_rate: stretchesOf(window).map((stretch) => {
        const sums = times.get(stretch.bucket) ?? newSums()
        const isRead = sums.inputTokens + sums.cacheReadTokens > 0
        return { ...stretch, cache_hit_rate: isRead ? cacheHitPct(sums) : null }
      }),
      endpoints: sorted(endpoints, ({ requests }) => requests).map(({ name, sums, durations }) => ({
        endpoint_name: endpointName(names, name),
        endpoint_id: name,
        request_count: sums.requests,
        cost_usd: usd(sums.cost),
        avg_duration_ms: averageMs(sums),
        error_count: sums.failed,
        error_rate: sums.requests === 0 ? 0 : sums.failed / sums.requests,
        ...percentilesOf(durations),
      })),
    }),
  }
}

const modelRows = (models: ReadonlyMap<string, Group>): Pick<Answer, 'model_mix' | 'latency' | 'token_breakdown'> => ({
  model_mix: sorted(models, ({ cost }) => cost).map(({ name, sums }) => ({
    model: name,
    request_count: sums.requests,
    cost_usd: usd(sums.cost),
  })),
  latency: sorted(models, () => 0).map(({ name, durations }) => ({ model: name, ...percentilesOf(durations) })),
  token_breakdown: sorted(models, ({ inputTokens, outputTokens }) => inputTokens + outputTokens).map(
    ({ name, sums }) => ({
      model: name,
      input_tokens: sums.inputTokens,
      output_tokens: sums.outputTokens,
      cache_read_tokens: sums.cacheReadTokens,
      cache_write_tokens: sums.cacheWriteTokens,
    }),
  ),
})
