/** Placeholder replaced by the translation module. */
import type { TranslationRules } from './translation-rules.ts'

export const SEED_RULES: TranslationRules = {
  acceptedBetas: [],
  refusedBetas: [],
  renamedBetas: {},
  membersOfBeta: {},
  models: [],
}
