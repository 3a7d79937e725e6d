/** How a budget stands, in headers: for scripts and administrators, and for Claude Code where it reads them. */
import { capOf } from '../budgets/policy.ts'
import type { Standing } from '../budgets/standing.ts'
import { isoOf } from '../platform/instant.ts'
import { nanoUsd, usdOf, ZERO_USD } from '../platform/money.ts'

const STATUSES = { allow: 'ok', notify: 'warning', shape: 'shaped', block: 'blocked' } as const

/** @param refused It has no room for this request, whatever its policy says. */
export function budgetHeaders(standing: Standing, refused: boolean): Readonly<Record<string, string>> {
  const { budget, spent, percent, resetsAt, subject, decision } = standing
  const remaining = refused ? ZERO_USD : nanoUsd(Math.max(0, budget.limit - spent))
  return {
    'x-ccag-budget-status': refused ? 'blocked' : STATUSES[decision.action],
    'x-ccag-budget-percent': percent.toFixed(1),
    'x-ccag-budget-remaining-usd': usdOf(remaining, 2).toFixed(2),
    'x-ccag-budget-resets': isoOf(resetsAt),
    'x-ccag-budget-scope': subject.kind,
  }
}

/** At which share of a budget Claude Code is told to warn. */
const WARNINGS = [0.9, 0.75]

/** Told up to here: at 1 the client would take the budget for spent. */
const MOST_UTILIZATION = 0.99

const UNIFIED = 'anthropic-ratelimit-unified'

/**
 * The limits of a subscription, as Claude Code reads them in its gateway provider mode: it warns in its footer, and shows the words of
 * a refusal instead of its own. Measured with Claude Code 2.1.331.
 */
export function unifiedHeaders(standing: Standing, refused: boolean): Readonly<Record<string, string>> {
  const reset = String(Math.floor(standing.resetsAt / 1000))
  if (refused) {
    return {
      [`${UNIFIED}-status`]: 'rejected',
      [`${UNIFIED}-reset`]: reset,
      // With a claim, or a status of the overage, the client says it in words of its own.
      [`${UNIFIED}-overage-period`]: standing.budget.period,
      [`${UNIFIED}-overage-disabled-reason`]: 'org_spend_cap_reached',
    }
  }
  const share = shareOf(standing)
  const surpassed = WARNINGS.find((threshold) => share >= threshold)
  const status = surpassed === undefined ? 'allowed' : 'allowed_warning'
  return {
    [`${UNIFIED}-status`]: status,
    [`${UNIFIED}-reset`]: reset,
    [`${UNIFIED}-representative-claim`]: 'overage',
    [`${UNIFIED}-overage-status`]: status,
    [`${UNIFIED}-overage-reset`]: reset,
    [`${UNIFIED}-overage-utilization`]: Math.min(MOST_UTILIZATION, share).toFixed(2),
    ...(surpassed !== undefined && { [`${UNIFIED}-overage-surpassed-threshold`]: String(surpassed) }),
  }
}

/** Of what may be spent before the policy blocks; where it never does, of the limit. */
function shareOf({ budget, spent }: Standing): number {
  const cap = capOf(budget.rules, budget.limit) ?? budget.limit
  return cap <= 0 ? 1 : spent / cap
}

/**
 * Claude Code's gateway provider (`CLAUDE_CODE_USE_GATEWAY=1`) does not say so; it is known by the flags it sends: the tool search of Bedrock's
 * kind, where its other mode for a base URL sends Anthropic's own. A wrong guess costs nothing: the other form is asked once too.
 */
export function isGatewayProvider(headers: Headers): boolean {
  const flags = headers.get('anthropic-beta') ?? ''
  const isClaudeCode = headers.get('user-agent')?.startsWith('claude-cli/') === true
  return isClaudeCode && flags.includes('tool-search-tool-') && !flags.includes('advanced-tool-use-')
}
