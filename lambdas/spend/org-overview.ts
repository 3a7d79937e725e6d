/** The figures of a window, what had no price in it, and what it can be filtered by. */
import type * as z from 'zod'
import type { orgOverview } from '../../contract/org-analytics.ts'
import type { HourPart, HourUse } from './hour-use.ts'
import { endpointName, NO_TEAM, type OrgNames, teamName, userName } from './org-names.ts'
import { addUse, averageMs, cacheHitPct, compareText, newSums, type Sums, under, usd } from './usage-sums.ts'

type Answer = z.input<(typeof orgOverview)['responses'][200]>

interface Kpis {
  readonly sums: Sums
  readonly users: ReadonlySet<string>
}

export function kpiTally() {
  const sums = newSums()
  const users = new Set<string>()
  return {
    add(use: HourUse): void {
      addUse(sums, use)
      users.add(use.identity)
    },
    kpis: (): Kpis => ({ sums, users }),
  }
}

/** Rounded to the nearest nano-dollar. */
const shareOf = (amount: bigint, parts: number): bigint => (2n * amount + BigInt(parts)) / (2n * BigInt(parts))

const toldKpis = ({ sums, users }: Kpis) => ({
  requests: sums.requests,
  unique_users: users.size,
  cost_usd: usd(sums.cost),
  input_tokens: sums.inputTokens,
  output_tokens: sums.outputTokens,
  cache_read_tokens: sums.cacheReadTokens,
  cache_write_tokens: sums.cacheWriteTokens,
  cache_hit_rate_pct: cacheHitPct(sums),
  cache_savings_usd: usd(sums.saved),
  cost_per_active_user_usd: users.size === 0 ? 0 : usd(shareOf(sums.cost, users.size)),
  avg_duration_ms: averageMs(sums),
  tool_calls: sums.toolCalls,
  error_count: sums.failed,
})

type Told = ReturnType<typeof toldKpis>
type Prior = { readonly [K in keyof Told as `prior_${K}`]: Told[K] }

export const overviewOf = (now: Kpis, before: Kpis): Answer['overview'] => ({
  ...toldKpis(now),
  ...(Object.fromEntries(Object.entries(toldKpis(before)).map(([name, value]) => [`prior_${name}`, value])) as Prior),
})

export function unpricedTally() {
  const models = new Map<string, { requests: number; tokens: number }>()
  return {
    add(use: HourUse): void {
      if (use.unpriced === 0) return
      const model = under(models, use.model, () => ({ requests: 0, tokens: 0 }))
      model.requests += use.unpriced
      model.tokens += use.unpricedTokens
    },
    unpriced(): Answer['unpriced'] {
      const rows = [...models]
        .map(([model, counts]) => ({ model, ...counts }))
        .sort((one, other) => other.requests - one.requests || compareText(one.model, other.model))
      return {
        requests: rows.reduce((sum, { requests }) => sum + requests, 0),
        tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
        models: rows,
      }
    },
  }
}

/** What there is to choose from: everybody and everything there is, and whatever was used before it went. */
export function choiceTally(names: OrgNames) {
  const seen = { teams: new Set<string | null>(), users: new Set<string>(), endpoints: new Set<string>() }
  const models = new Set<string>()
  const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort(compareText)
  return {
    add(part: HourPart): void {
      seen.teams.add(part.team)
      seen.users.add(part.identity)
      seen.endpoints.add(part.endpoint)
      models.add(part.model)
    },
    choices(): Answer['filters'] {
      const teams = [...seen.teams].flatMap((id) => (id === null ? [] : [teamName(names, id)]))
      return {
        teams: [...sorted([...names.teams.values(), ...teams]), ...(seen.teams.has(null) ? [NO_TEAM] : [])],
        users: sorted([...names.people.values()].map(({ email }) => email).concat([...seen.users].map(named))),
        models: sorted(models),
        endpoints: sorted([...names.endpoints.values(), ...[...seen.endpoints].map((id) => endpointName(names, id))]),
        projects: [],
      }
    },
  }
  function named(identity: string): string {
    return userName(names, identity)
  }
}
