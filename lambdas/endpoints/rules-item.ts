/** Translation rules as an item of the table; the contract has them under the same names. */
import * as z from 'zod/mini'
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import { instant, isoOf } from '../platform/instant.ts'
import { translationRulesKey } from '../table/core-keys.ts'
import type { KeptRules } from './configuration.ts'

type Item = Readonly<Record<string, unknown>>

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()])
const names = z._default(z.array(z.string()), [])
const RulesItem = z.object({
  accepted_betas: names,
  refused_betas: names,
  renamed_betas: z._default(z.record(z.string(), z.string()), {}),
  members_of_beta: z._default(z.record(z.string(), z.array(z.string())), {}),
  models: z._default(
    z.array(
      z.object({
        models: z.array(z.string()),
        path: z.string(),
        values: z.optional(z.array(Value)),
        replace_by: z.optional(Value),
        max: z.optional(z.number()),
        without: z.optional(z.array(z.string())),
      }),
    ),
    [],
  ),
})
const KeptRulesItem = z.extend(RulesItem, { set_at: z.string(), set_by: z.string(), rev: z.number() })

/** The rules under the names that they have in the table and in the contract. */
export type WrittenRules = z.output<typeof RulesItem>

export const writtenRules = (rules: TranslationRules): WrittenRules => ({
  accepted_betas: [...rules.acceptedBetas],
  refused_betas: [...rules.refusedBetas],
  renamed_betas: { ...rules.renamedBetas },
  members_of_beta: Object.fromEntries(
    Object.entries(rules.membersOfBeta).map(([beta, members]) => [beta, [...members]]),
  ),
  models: rules.models.map(({ models, path, values, replaceBy, max, without }) => ({
    models: [...models],
    path,
    ...(values && { values: [...values] }),
    ...(replaceBy !== undefined && { replace_by: replaceBy }),
    ...(max !== undefined && { max }),
    ...(without && { without: [...without] }),
  })),
})

export const rulesOf = (written: WrittenRules): TranslationRules => ({
  acceptedBetas: written.accepted_betas,
  refusedBetas: written.refused_betas,
  renamedBetas: written.renamed_betas,
  membersOfBeta: written.members_of_beta,
  models: written.models.map(({ models, path, values, replace_by, max, without }) => ({
    models,
    path,
    ...(values && { values }),
    ...(replace_by !== undefined && { replaceBy: replace_by }),
    ...(max !== undefined && { max }),
    ...(without && { without }),
  })),
})

export const rulesItem = ({ rules, setAt, setBy, rev }: KeptRules): Item => ({
  ...translationRulesKey,
  ...writtenRules(rules),
  set_at: isoOf(setAt),
  set_by: setBy,
  rev,
})

/** `null` for what cannot be read: the built-in rules hold then. */
export function readRules(item: Item): KeptRules | null {
  const read = KeptRulesItem.safeParse(item)
  if (!read.success) return null
  const { set_at, set_by, rev, ...written } = read.data
  return { rules: rulesOf(written), setAt: instant(Date.parse(set_at)), setBy: set_by, rev }
}
