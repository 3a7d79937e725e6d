/** The newest events of a person's budgets, as they stand beside their budget. */
import { type Instant, isoOf } from '../platform/instant.ts'
import { exactUsd } from '../platform/money.ts'
import type { BudgetEventDetail, GatewayEvent } from './event.ts'
import type { EventList } from './events-list.store.ts'
import type { StoredEvent } from './stored-event.ts'

/** What a person reads at a glance. */
const SHOWN = 10
/** Rate limits stand between them, one an hour at most: a few pages reach back over days of them. */
const PAGE = 50
const MOST_PAGES = 4

export async function recentBudgetEvents(userId: string, now: Instant, events: EventList) {
  const found: ReturnType<typeof rowOf>[] = []
  let after: string | null = null
  for (let pages = 0; pages < MOST_PAGES && found.length < SHOWN; pages++) {
    const page = await events.page({ userId }, PAGE, after, now)
    found.push(...page.events.flatMap((stored) => budgetRow(stored) ?? []))
    after = page.next
    if (after === null) break
  }
  return found.slice(0, SHOWN)
}

function budgetRow(stored: StoredEvent) {
  const { detail } = stored.event
  return 'allowed' in detail ? undefined : rowOf(stored, stored.event, detail)
}

const rowOf = ({ state, finishedAt }: StoredEvent, event: GatewayEvent, detail: BudgetEventDetail) => ({
  id: event.id,
  user_identity: event.userEmail,
  team_id: event.teamId,
  event_type: event.type,
  threshold_percent: detail.thresholdPercent,
  spend_usd: exactUsd(detail.spend),
  limit_usd: exactUsd(detail.limit),
  percent: detail.percent,
  period: detail.period,
  period_start: isoOf(detail.periodStart),
  created_at: isoOf(event.createdAt),
  delivered_at: state === 'delivered' && finishedAt !== null ? isoOf(finishedAt) : null,
})
