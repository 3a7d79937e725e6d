/**
 * Dollars a million requests, at list price in us-east-1 without free tiers. Source: the pricing pages of Amazon DynamoDB
 * (on-demand) and AWS Lambda (arm64, first tier), November 2026.
 */

const USD_PER_MILLION_READ_UNITS = 0.125
const USD_PER_MILLION_WRITE_UNITS = 0.625
const USD_PER_MILLION_INVOCATIONS = 0.2
const USD_PER_GB_SECOND = 0.0000133334

/** Lambda bills for as long as the model speaks. Some hundred tokens take about this long. */
const ANSWER_SECONDS = 10

export interface Costs {
  /** All in dollars a million requests. */
  readonly database: number
  readonly invocations: number
  /** For each second that an answer takes. */
  readonly durationPerSecond: number
  readonly answerSeconds: number
  readonly total: number
}

export function costsOf(units: { readonly readUnits: number; readonly writeUnits: number }, memoryMb: number): Costs {
  const database = units.readUnits * USD_PER_MILLION_READ_UNITS + units.writeUnits * USD_PER_MILLION_WRITE_UNITS
  const durationPerSecond = (memoryMb / 1024) * USD_PER_GB_SECOND * 1_000_000
  return {
    database,
    invocations: USD_PER_MILLION_INVOCATIONS,
    durationPerSecond,
    answerSeconds: ANSWER_SECONDS,
    total: database + USD_PER_MILLION_INVOCATIONS + durationPerSecond * ANSWER_SECONDS,
  }
}

export const COST_FORMULA =
  `read units × ${USD_PER_MILLION_READ_UNITS} + write units × ${USD_PER_MILLION_WRITE_UNITS} ` +
  `+ ${USD_PER_MILLION_INVOCATIONS} + GB × seconds × ${USD_PER_GB_SECOND} × 1,000,000`
