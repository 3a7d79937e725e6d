/** What is known of one endpoint and model when a request is put into its words. */
import type { TranslationRules } from './translation-rules.ts'

export interface Knowledge {
  readonly rules: TranslationRules
  /**
   * What this endpoint has refused for this model, or an administrator has said of it: `beta:<flag>`, `member:<pattern>` (a path with `*`
   * for the places of arrays, `member:tools.*.strict`), `role:system`. Where both sets name a thing it is refused.
   */
  readonly refused: ReadonlySet<string>
  /** What it has taken. */
  readonly accepted: ReadonlySet<string>
}
