/**
 * Who asks? One round trip where the environment has seen the credential before, two where it has not. What must be
 * written before Bedrock may be called (`beside`) goes out together with the read, never before a credential is known.
 */

import type { AllowanceStore, Question, Reading } from '../admission/allowance.store.ts'
import { type Allowance, type IdentityGraph, type Payer, payerOf } from '../admission/allowance.ts'
import { type Credential, unknownCredential } from '../admission/credential.ts'
import type { WindowUse } from '../admission/rate-window.ts'
import { Fault } from '../platform/fault.ts'
import type { PacedSubject } from '../table/ephemeral-keys.ts'
import { isOutage } from '../table/outage.ts'

export interface Identified {
  readonly allowance: Allowance
  readonly payer: Payer
  /** Whose minute the request has been added to, and what it holds now. */
  readonly paced: readonly PacedUse[]
}

export interface PacedUse {
  readonly subject: PacedSubject
  readonly now: WindowUse
}

/** What is written down while an allowance is being read. */
export interface Beside {
  write(payer: Payer): Promise<void>
  /** The payer turned out to be nobody, or the read or the write failed: take it back. Runs after the answer; never rejects. */
  takeBack(payer: Payer): void
  /** Adds the request to somebody's minute. */
  count(subject: PacedSubject): Promise<WindowUse>
  /** Takes it out again. Runs after the answer; never rejects. */
  uncount(subjects: readonly PacedSubject[]): void
}

/** Long enough for a failover of DynamoDB's, short enough that the client's second try comes within its patience. */
const DATABASE_RETRY_SECONDS = 10

/** @throws Fault `unauthenticated` for an unknown credential, `database_unavailable` when DynamoDB does not answer. */
export async function identify(
  credential: Credential,
  allowances: AllowanceStore,
  question: Question,
  beside?: Beside,
): Promise<Identified> {
  const graph = allowances.recall(credential.sha256) ?? (await orUnavailable(allowances.locate(credential.sha256)))
  if (graph === undefined) throw unknownCredential()
  const supposed = payerOf(graph)
  const [reading, written, paced] = await Promise.allSettled([
    allowances.read(credential.sha256, graph, question),
    beside?.write(supposed),
    beside === undefined ? [] : countEach(graph.paced, beside),
  ])
  const counts = paced.status === 'fulfilled' ? paced.value : []
  const failure = [reading, written].find((one) => one.status === 'rejected') ?? neededFailure(reading, counts)
  const counted = counts.flatMap((one) => (one.now === undefined ? [] : [{ subject: one.subject, now: one.now }]))
  if (failure !== undefined || reading.status !== 'fulfilled' || !reading.value) {
    beside?.takeBack(supposed)
    beside?.uncount(counted.map(({ subject }) => subject))
    throw failure === undefined ? unknownCredential() : unavailableIfOutage(failure.reason)
  }
  const { allowance, graph: found } = reading.value
  const payer = payerOf(found)
  if (beside === undefined) return { allowance, payer, paced: [] }
  // What belongs to the key has just changed: what was written down names the wrong payer, and is written again.
  const late = found.paced.filter((one) => !graph.paced.some((other) => isSame(one, other)))
  if (!writesAlike(graph, found) || late.length > 0) {
    const anew = await writeAnew(beside, payer, late, graph)
    return { allowance, payer, paced: [...counted, ...anew] }
  }
  return { allowance, payer, paced: counted }
}

interface Count {
  readonly subject: PacedSubject
  readonly now?: WindowUse
  readonly reason?: unknown
}

const countEach = (subjects: readonly PacedSubject[], beside: Beside): Promise<Count[]> =>
  Promise.all(
    subjects.map((subject) =>
      beside.count(subject).then(
        (now) => ({ subject, now }),
        (reason: unknown) => ({ subject, reason }),
      ),
    ),
  )

/** A minute that turned out to have no limit is not worth a refusal. */
function neededFailure(
  reading: PromiseSettledResult<Reading | undefined>,
  counts: readonly Count[],
): { readonly reason: unknown } | undefined {
  if (reading.status !== 'fulfilled' || reading.value === undefined) return undefined
  const { paced } = reading.value.graph
  const failed = counts.find(({ subject, now }) => now === undefined && paced.some((one) => isSame(one, subject)))
  return failed && { reason: failed.reason }
}

const countAll = (subjects: readonly PacedSubject[], beside: Beside): Promise<PacedUse[]> =>
  Promise.all(subjects.map(async (subject) => ({ subject, now: await beside.count(subject) })))

async function writeAnew(
  beside: Beside,
  payer: Payer,
  late: readonly PacedSubject[],
  graph: IdentityGraph,
): Promise<PacedUse[]> {
  try {
    const [counted] = await Promise.all([countAll(late, beside), beside.write(payer)])
    return counted
  } catch (thrown) {
    beside.takeBack(payer)
    beside.uncount(graph.paced)
    throw unavailableIfOutage(thrown)
  }
}

const isSame = (one: PacedSubject, other: PacedSubject): boolean => one.kind === other.kind && one.id === other.id

/** Whether the payers of two graphs are the same, with the same counters; on how many shards does not matter, as all of them are summed. */
const writesAlike = (one: IdentityGraph, other: IdentityGraph): boolean =>
  one.keyId === other.keyId &&
  one.userId === other.userId &&
  one.teamId === other.teamId &&
  one.keyIsCounted === other.keyIsCounted

/** @throws Fault `database_unavailable` when that is why it failed */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (thrown) {
    throw unavailableIfOutage(thrown)
  }
}

/** An outage is told and passes by; anything else that is thrown here is a bug, and is treated as one. */
function unavailableIfOutage(thrown: unknown): unknown {
  if (!isOutage(thrown)) return thrown
  return new Fault(
    'database_unavailable',
    'The gateway cannot reach its database at the moment. Nothing was sent to the model.',
    {
      retryAfterSeconds: DATABASE_RETRY_SECONDS,
      cause: thrown,
    },
  )
}
