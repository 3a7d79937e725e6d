/**
 * What is known of Bedrock that changes from month to month, as data: beta flags, members that belong to them, and what single models
 * do not take. Kept with the endpoints' configuration, so that an administrator changes it without a deployment; `SEED_RULES` is what
 * holds where nothing is written.
 */

export interface TranslationRules {
  /** Flags that InvokeModel takes. What it does not know it refuses together with the whole request, so others are left out there. */
  readonly acceptedBetas: readonly string[]
  /** Flags that Bedrock refuses whichever way it is asked. */
  readonly refusedBetas: readonly string[]
  /** What Bedrock knows under another name than Anthropic's API. */
  readonly renamedBetas: Readonly<Record<string, string>>
  /** Flag → members of the body that are of no use without it, and the other way round (`tools.*.defer_loading`). */
  readonly membersOfBeta: Readonly<Record<string, readonly string[]>>
  readonly models: readonly ModelRule[]
}

/** One thing a model does not take, and what is sent instead. */
export interface ModelRule {
  /** Anthropic's undated names. */
  readonly models: readonly string[]
  /** A member of the body by its path, e.g. `thinking.type`. */
  readonly path: string
  /** The rule holds for these values; absent: for any value. */
  readonly values?: readonly (string | number | boolean | null)[]
  /** Absent: the member named by `path` is taken out. */
  readonly replaceBy?: string | number | boolean | null
  /** Of a number: what is above is brought down to this. */
  readonly max?: number
  /** Further members to take out along with it, e.g. `thinking.budget_tokens`. */
  readonly without?: readonly string[]
}
