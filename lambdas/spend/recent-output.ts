/** How long answers of a model have lately been in this environment: the output side of an estimate. */

export interface RecentOutput {
  /** Tokens. */
  meanOf(model: string): number
  note(model: string, outputTokens: number): void
}

/** Until an answer has been seen: a turn of Claude Code that calls a tool is about this long. */
const BEFORE_ANY_ANSWER = 400

/** Each answer counts a tenth, so the mean follows the last twenty or so. */
const WEIGHT = 0.1

export function createRecentOutput(): RecentOutput {
  const means = new Map<string, number>()
  return {
    meanOf: (model) => Math.ceil(means.get(model) ?? BEFORE_ANY_ANSWER),
    note(model, outputTokens) {
      const before = means.get(model) ?? outputTokens
      means.set(model, before + (outputTokens - before) * WEIGHT)
    },
  }
}
