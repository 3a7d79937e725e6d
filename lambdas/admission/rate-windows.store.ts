/** What is asked for by the minute, in the Ephemeral table: one counter for each minute and subject, the same for every environment. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { type PacedSubject, rateWindowKey } from '../table/ephemeral-keys.ts'
import { readWindow, type WindowUse } from './rate-window.ts'

export interface RateWindows {
  /**
   * Adds to the minute of `at`; negative numbers take back. An answer that was lost is asked for again, and counts twice: the
   * limit is then a request stricter, for a minute.
   * @returns what the minute holds now.
   */
  add(subject: PacedSubject, use: WindowUse, at: Instant): Promise<WindowUse>
}

/** A minute is looked at for two; the rest is for clocks that disagree. */
const KEPT_SECONDS = 300

export function openRateWindows(documents: Documents, ephemeralTable: string): RateWindows {
  return {
    async add(subject, { requests, tokens }, at) {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: ephemeralTable,
          Key: rateWindowKey(subject, at),
          UpdateExpression: 'ADD requests :requests, tokens :tokens SET expires_at = :end',
          ExpressionAttributeValues: {
            ':requests': requests,
            ':tokens': tokens,
            ':end': Math.ceil(at / 1000) + KEPT_SECONDS,
          },
          ReturnValues: 'ALL_NEW',
        }),
      )
      return readWindow(Attributes)
    },
  }
}
