/** Counts of sign-in attempts in the Ephemeral table. Counting comes before judging, so that parallel guesses cannot slip by. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Instant } from '../platform/instant.ts'
import type { Documents } from '../table/document.store.ts'
import { loginAttemptsKey } from '../table/ephemeral-keys.ts'

export interface SignInAttempts {
  /** Counts one, and returns how many there are in this minute. */
  count(subject: string, at: Instant): Promise<number>
  /** Takes one back: it turned out to be none that counts. */
  takeBack(subject: string, at: Instant): Promise<void>
}

/** Twice the minute that is counted, so that TTL never deletes one that is running. */
const KEPT_SECONDS = 120

export function openSignInAttempts(documents: Documents, ephemeralTable: string): SignInAttempts {
  const add = async (subject: string, at: Instant, amount: number): Promise<number> => {
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: ephemeralTable,
        Key: loginAttemptsKey(subject, at),
        UpdateExpression: 'ADD attempts :amount SET expires_at = :expires',
        ExpressionAttributeValues: { ':amount': amount, ':expires': Math.ceil(at / 1000) + KEPT_SECONDS },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    return z.object({ attempts: z.number() }).parse(Attributes).attempts
  }
  return {
    count: (subject, at) => add(subject, at, 1),
    takeBack: async (subject, at) => void (await add(subject, at, -1)),
  }
}
