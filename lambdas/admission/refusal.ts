/** A verdict that says no, in the words its caller reads. */
import { settingsUnreadable } from '../budgets/budget-settings.ts'
import type { Period } from '../budgets/period.ts'
import type { Standing } from '../budgets/standing.ts'
import { Fault } from '../platform/fault.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import { type NanoUsd, usdOf } from '../platform/money.ts'
import type { BudgetHeld, OverBudget, Refusal, TooFast } from './admit.ts'

/** How a spent budget is told: see `budgets/budget-settings.ts`. */
export interface RefusalForm {
  readonly budget: 402 | 429
}

const ASK = 'Ask the administrator of this gateway.'

const SUSPENSIONS = {
  key_revoked: 'This API key has been revoked. Ask the administrator of this gateway for a new one.',
  key_expired: 'This API key has expired. Create a new one in the portal of this gateway.',
  owner_suspended: `The account this API key belongs to is not active. ${ASK}`,
} as const

export function refusalOf(refusal: Refusal, at: Instant, form: RefusalForm = { budget: 402 }): Fault {
  switch (refusal.because) {
    case 'key_revoked':
    case 'key_expired':
    case 'owner_suspended':
      return new Fault('suspended', SUSPENSIONS[refusal.because])
    case 'model_refused':
      return new Fault(
        'model_refused',
        `The model "${refusal.model.slice(0, 100)}" is not among those this ${refusal.by === 'key' ? 'API key' : 'team'} may use. Choose another with /model, or ask the administrator of this gateway.`,
      )
    case 'settings_unreadable':
      return settingsUnreadable()
    case 'over_budget':
      return overBudget(refusal, at, form)
    case 'budget_held':
      return budgetHeld(refusal)
    default:
      return tooFast(refusal)
  }
}

function overBudget(refusal: OverBudget, at: Instant, { budget }: RefusalForm): Fault {
  const { standing } = refusal
  return new Fault(budget === 402 ? 'over_budget' : 'spend_limit_exceeded', sentenceOf(refusal), {
    retryAfterSeconds: Math.max(1, Math.ceil((standing.resetsAt - at) / 1000)),
  })
}

function sentenceOf({ standing, expected }: OverBudget): string {
  const state =
    expected === undefined
      ? `${whoseBudget(standing)} is used up`
      : `what is left of ${whoseBudget(standing)} is not enough for this request, which may cost about ${dollars(expected)}. A shorter one may fit, after /compact for example`
  return `Budget limit exceeded (${figuresOf(standing)}): ${state}. Resets at ${resetOf(standing)}. ${ASK}`
}

const figuresOf = (standing: Standing): string => `${dollars(standing.spent)} / ${dollars(standing.budget.limit)}`

/** Most requests have ended by then, and the client waits that long by itself. */
const HELD_RETRY_SECONDS = 15

const budgetHeld = ({ standing, held }: BudgetHeld): Fault =>
  new Fault(
    'rate_limited',
    `What is left of ${whoseBudget(standing)} (${figuresOf(standing)}) is held for requests that are running: ${dollars(held)}. Try again in ${HELD_RETRY_SECONDS} seconds.`,
    { retryAfterSeconds: HELD_RETRY_SECONDS },
  )

const NAMES: Readonly<Record<Period, string>> = { daily: 'daily', weekly: 'weekly', monthly: 'monthly' }

const WHOSE = { key: 'the budget of this API key', user: 'your budget', team: 'the budget of your team' } as const

const whoseBudget = ({ subject, budget }: Standing): string =>
  WHOSE[subject.kind].replace('budget', `${NAMES[budget.period]} budget`)

const dollars = (amount: NanoUsd): string => `$${usdOf(amount, 2).toFixed(2)}`

/** Midnight is told without its fractions. */
const resetOf = ({ resetsAt }: Standing): string => isoOf(resetsAt).replace('.000Z', 'Z')

/** A client that is told to wait longer gives up at once. Whoever has to wait longer is told so again. */
const LONGEST_WAIT_SECONDS = 60

function tooFast({ because, subject, limit, waitSeconds: needed, standing }: TooFast): Fault {
  const waitSeconds = Math.min(LONGEST_WAIT_SECONDS, needed)
  const who = subject === 'key' ? 'this API key' : 'you'
  const wait = `Try again in ${waitSeconds} ${waitSeconds === 1 ? 'second' : 'seconds'}.`
  const sentence =
    because === 'shaped' && standing !== undefined
      ? `${capital(whoseBudget(standing))} is used up to ${Math.floor(standing.percent)} %, which slows requests down to ${limit} a minute. ${wait}`
      : `Rate limit of ${limit.toLocaleString('en-US')} ${because === 'tokens_per_minute' ? 'tokens' : 'requests'} a minute reached for ${who}. ${wait}`
  return new Fault('rate_limited', sentence, { retryAfterSeconds: waitSeconds })
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
