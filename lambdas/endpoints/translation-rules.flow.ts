/** The translation rules that hold, and putting others in their place. */
import { SEED_RULES } from '../bedrock/seed-rules.ts'
import type { TranslationRules } from '../bedrock/translation-rules.ts'
import { refuseStale } from '../platform/revision.ts'
import { translationRulesKey } from '../table/core-keys.ts'
import { auditOf, type ConfigurationTools, changeConfiguration, type Request } from './change-configuration.flow.ts'
import type { Configuration, KeptRules } from './configuration.ts'
import { rulesItem } from './rules-item.ts'

/** `set`: who put them there; `null` for the built-in ones. */
export interface EffectiveRules {
  readonly rules: TranslationRules
  readonly set: Pick<KeptRules, 'setAt' | 'setBy' | 'rev'> | null
}

const effective = ({ rules }: Pick<Configuration, 'rules'>): EffectiveRules =>
  rules === null ? { rules: SEED_RULES, set: null } : { rules: rules.rules, set: rules }

export const readTranslationRules = async ({ configuration }: ConfigurationTools): Promise<EffectiveRules> =>
  effective(await configuration.load())

/** @param rev What was seen of them, 0 for the built-in ones; anything newer is not overwritten. */
export async function setTranslationRules(
  { rules, rev }: { readonly rules: TranslationRules; readonly rev: number | undefined },
  request: Request,
  tools: ConfigurationTools,
): Promise<EffectiveRules> {
  return changeConfiguration(tools, (seen) => {
    const last = seen.rules?.rev ?? 0
    refuseStale(last, rev)
    const kept = { rules, setAt: request.at, setBy: request.caller.email, rev: last + 1 }
    const audit = auditOf('translation-rules.set', 'translation-rules', { rev: kept.rev }, request, tools)
    return { change: { at: request.at, puts: [rulesItem(kept)], audit }, result: effective({ rules: kept }) }
  })
}

export async function resetTranslationRules(request: Request, tools: ConfigurationTools): Promise<EffectiveRules> {
  return changeConfiguration(tools, (seen) => {
    const result = effective({ rules: null })
    if (seen.rules === null) return { result }
    const audit = auditOf('translation-rules.reset', 'translation-rules', { rev: seen.rules.rev }, request, tools)
    return { change: { at: request.at, deletes: [translationRulesKey], audit }, result }
  })
}
