/**
 * One transaction, however often DynamoDB has to be asked. Two transactions that touch the same item at once cancel each
 * other (`TransactionConflict`), and the SDK does not repeat that; everything else it repeats itself, with the same
 * `ClientRequestToken`, so that a lost answer cannot count twice.
 * Source: DynamoDB Developer Guide, "Transaction conflict handling" and "Idempotency".
 */
import {
  type AttributeValue,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb'
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb'
import type { Documents } from './document.store.ts'
import { isPassing } from './outage.ts'

export type TransactionItems = NonNullable<TransactWriteCommandInput['TransactItems']>

/**
 * `refused` holds the places of the items whose condition did not hold; it is empty where something else was done under the
 * same token. Nothing was written then.
 */
export type TransactionEnd =
  | { readonly done: true }
  | {
      readonly done: false
      readonly refused: readonly number[]
      /** As DynamoDB has it, what an item held that refused, where it was asked to tell: by place. */
      readonly found: ReadonlyMap<number, Record<string, AttributeValue>>
    }

export interface Waiting {
  sleep(ms: number): Promise<void>
  /** 0 up to 1. */
  chance(): number
}

/** Twelve tries with doubling waits up to 400 ms: about two seconds, in which some hundred rivals on one item get through. */
const MAX_TRIES = 12
const FIRST_WAIT_MS = 5
const LONGEST_WAIT_MS = 400

/**
 * @param token At most 36 characters; the same content under the same token is applied once within ten minutes.
 * @throws what the SDK throws, and the last conflict when every try met one.
 */
export async function transact(
  documents: Documents,
  items: TransactionItems,
  token: string,
  waiting: Waiting,
  tries = MAX_TRIES,
): Promise<TransactionEnd> {
  for (let attempt = 1; ; attempt++) {
    try {
      await documents.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: token }))
      return { done: true }
    } catch (thrown) {
      const refused = refusalIn(thrown)
      if (refused !== undefined) return { done: false, refused, found: foundIn(thrown) }
      if (!passes(thrown) || attempt >= tries) throw thrown
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
      await waiting.sleep(longest * (0.5 + waiting.chance() / 2))
    }
  }
}

const reasonsOf = (thrown: unknown) =>
  thrown instanceof TransactionCanceledException ? (thrown.CancellationReasons ?? []) : []

const foundIn = (thrown: unknown): ReadonlyMap<number, Record<string, AttributeValue>> =>
  new Map(reasonsOf(thrown).flatMap(({ Item }, place) => (Item === undefined ? [] : [[place, Item] as const])))

/** The places whose condition did not hold; nothing where that is not why it failed. */
function refusalIn(thrown: unknown): number[] | undefined {
  if (thrown instanceof IdempotentParameterMismatchException) return []
  const places = reasonsOf(thrown).flatMap(({ Code }, place) => (Code === 'ConditionalCheckFailed' ? [place] : []))
  return places.length > 0 ? places : undefined
}

/** In progress: the first try timed out here and is still at work there. */
const passes = (thrown: unknown): boolean =>
  thrown instanceof TransactionInProgressException || reasonsOf(thrown).some(({ Code }) => isPassing(Code))
