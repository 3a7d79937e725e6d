/**
 * Budgets: what may be spent in which period, and what happens as it is used up. The portal checks what is typed by the
 * schemas of this very page before it sends it, so there is nothing else in here, and they are made of zod's small half:
 * 7 kB for a browser instead of 22.
 */
import * as z from 'zod/mini'

export const BudgetPeriod = z.enum(['daily', 'weekly', 'monthly'], {
  error: "must be 'daily', 'weekly', or 'monthly'",
})

export const NotifyRecipients = z.enum(['both', 'user', 'admin'], { error: "must be 'both', 'user', or 'admin'" })

const Action = z.enum(['notify', 'shape', 'block'], { error: "must be 'notify', 'shape', or 'block'" })

/** From which percentage on something happens. */
export const PolicyRule = z.object({
  at_percent: z.int(),
  action: Action,
  shaped_rpm: z.optional(z.int()),
})

/** The amounts of a policy's rules stay readable up to here; beyond it, a budget is none. */
const HIGHEST_PERCENT = 500
/** Whoever may ask more often is not slowed down. */
const HIGHEST_SHAPED_RPM = 999
const MOST_RULES = 5

const wholeNumber = 'must be a whole number'

const RuleWish = z.strictObject(
  {
    at_percent: z
      .int(wholeNumber)
      .check(
        z.positive('at_percent must be > 0'),
        z.maximum(HIGHEST_PERCENT, `at_percent must be at most ${HIGHEST_PERCENT}`),
      ),
    action: Action,
    shaped_rpm: z.nullish(
      z
        .int(wholeNumber)
        .check(
          z.minimum(1, 'shaped_rpm must be at least 1'),
          z.maximum(HIGHEST_SHAPED_RPM, `shaped_rpm must be at most ${HIGHEST_SHAPED_RPM}`),
        ),
    ),
  },
  {
    error: ({ code, keys }) => (code === 'unrecognized_keys' ? `unknown member: ${keys.join(', ')}` : 'must be a rule'),
  },
)

/** Of two rules at the same percentage only the second would ever decide, so they are refused like those that descend. */
export const PolicyRules = z.array(RuleWish).check(
  z.minLength(1, 'Policy must have at least one rule'),
  z.maxLength(MOST_RULES, `Policy can have at most ${MOST_RULES} rules`),
  z.superRefine((rules, context) => {
    for (const [row, rule] of rules.entries()) {
      const issue = (member: keyof typeof rule, message: string): void =>
        context.addIssue({ code: 'custom', path: [row, member], message })
      if (rule.at_percent <= (rules[row - 1]?.at_percent ?? 0) && row > 0) {
        issue('at_percent', 'Rules must be in ascending order by at_percent')
      }
      if (rule.action === 'block' && row < rules.length - 1) issue('action', 'Block rule must be the last rule')
      if (rule.action === 'shape' && typeof rule.shaped_rpm !== 'number') {
        issue('shaped_rpm', `Rule ${row} (at ${rule.at_percent}%): shape action requires shaped_rpm`)
      }
    }
  }),
)

const PolicyPreset = z.enum(['standard', 'soft', 'shaped'])

/** A preset is stored as its rules; null leaves it to the policy that stands above, in the end to the standard one. */
export const BudgetPolicyWish = z.nullable(
  z.union([PolicyPreset, PolicyRules], {
    error: ({ input }) => {
      if (!Array.isArray(input)) return "Unknown preset. Use 'standard', 'soft', 'shaped', or provide custom rules."
      const issues = z.safeParse(PolicyRules, input).error?.issues ?? []
      return issues.map(described).join('; ')
    },
  }),
)

/** Here one issue stands for all of them, so it says itself where they are. */
const described = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `Invalid policy rules: ${path.join('.')}: ${message}`

/** More than anybody spends on a person or a team; far below what an integer of nano-dollars holds exactly. */
const HIGHEST_AMOUNT_USD = 1_000_000

/** Zero: nothing may be spent. */
export const AmountUsd = z.number('must be a number').check(
  z.minimum(0, 'must not be negative'),
  z.maximum(HIGHEST_AMOUNT_USD, 'must be at most 1,000,000'),
  z.refine((amount) => Number(amount.toFixed(2)) === amount, 'must have at most 2 decimals'),
)

/** A limit with all that goes with it. */
export const BudgetWish = z.strictObject({
  amount_usd: AmountUsd,
  period: z._default(BudgetPeriod, 'monthly'),
  policy: z.optional(BudgetPolicyWish),
})
