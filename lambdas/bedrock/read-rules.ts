/** Translation rules as they are stored and as an administrator writes them. */
import * as z from 'zod/mini'
import { isContent } from './removable-members.ts'
import { SEED_RULES } from './seed-rules.ts'
import type { ModelRule, TranslationRules } from './translation-rules.ts'

/** Far above what exists (about sixty flags, twenty models), and as a whole far below what an item of DynamoDB may hold. */
const MOST_FLAGS = 200
const MOST_RULES = 100
const MOST_NAMES = 50

const FLAG = 'must be the name of a beta flag, such as context-1m-2025-08-07'
const MODEL = 'must be a model without a date, such as claude-opus-5-5'
const PATTERN = 'must be a path such as thinking.type or tools.*.strict'
const CONTENT = 'must not be something that every request needs'

const flag = z.string(FLAG).check(z.regex(/^[a-z0-9][a-z0-9._-]{2,63}$/i, FLAG))
const model = z.string(MODEL).check(z.regex(/^claude-[a-z0-9-]{1,60}$/, MODEL))
const pattern = z
  .string(PATTERN)
  .check(z.regex(/^(?:[A-Za-z0-9_-]{1,48}|[*])(?:[.](?:[A-Za-z0-9_-]{1,48}|[*])){0,9}$/, PATTERN))
const removable = pattern.check(z.refine((path) => !isContent(path), CONTENT))
const scalar = z.union([z.string().check(z.maxLength(100)), z.number(), z.boolean(), z.null()])
const flags = z
  .array(flag, 'must be a list of beta flags')
  .check(z.maxLength(MOST_FLAGS, `must not be more than ${MOST_FLAGS}`))

const fewFlags = z.refine(
  (table) => Object.keys(table as object).length <= MOST_FLAGS,
  `must not be more than ${MOST_FLAGS}`,
)

const modelRule = z
  .strictObject({
    models: z.array(model).check(z.minLength(1, 'must name a model'), z.maxLength(MOST_NAMES)),
    path: pattern,
    values: z.exactOptional(
      z.array(scalar).check(z.minLength(1, 'must have a value, or be left out'), z.maxLength(MOST_NAMES)),
    ),
    replaceBy: z.exactOptional(scalar),
    max: z.exactOptional(z.number()),
    without: z.exactOptional(z.array(removable).check(z.maxLength(MOST_NAMES))),
  })
  .check(
    z.refine(
      ({ path, replaceBy, max }: ModelRule) => replaceBy !== undefined || max !== undefined || !isContent(path),
      CONTENT,
    ),
  )

/** What an administrator may write. */
export const RulesSchema: z.ZodMiniType<TranslationRules, unknown> = z.strictObject({
  acceptedBetas: flags,
  refusedBetas: flags,
  renamedBetas: z.record(flag, flag).check(fewFlags),
  membersOfBeta: z.record(flag, z.array(removable).check(z.maxLength(MOST_NAMES))).check(fewFlags),
  models: z.array(modelRule).check(z.maxLength(MOST_RULES, `must not be more than ${MOST_RULES}`)),
})

const MEMBERS = Object.keys(SEED_RULES)

/** What was stored. A member that an older version did not have, or that is no longer valid, is what holds where nothing is written. */
export function readRules(stored: unknown): TranslationRules {
  const whole = typeof stored === 'object' && stored !== null ? stored : {}
  const valid = MEMBERS.filter((name) => Object.hasOwn(whole, name)).filter(
    (name) => RulesSchema.safeParse({ ...SEED_RULES, [name]: whole[name as keyof typeof whole] }).success,
  )
  return { ...SEED_RULES, ...Object.fromEntries(valid.map((name) => [name, whole[name as keyof typeof whole]])) }
}
