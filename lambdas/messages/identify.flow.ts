/**
 * Who asks? One round trip where the environment has seen the credential before, two where it has not. What must be
 * written before Bedrock may be called (`beside`) goes out together with the read, never before a credential is known.
 */

import type { AllowanceStore, Question } from '../admission/allowance.store.ts'
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
  const counted = usesIn(counts)
  const giveUp = (why: unknown, payer: Payer, uses: readonly PacedUse[]): unknown => {
    beside?.takeBack(payer)
    beside?.uncount(uses.map(({ subject }) => subject))
    return unavailableIfOutage(why)
  }
  if (reading.status === 'rejected') throw giveUp(reading.reason, supposed, counted)
  if (reading.value === undefined) throw giveUp(unknownCredential(), supposed, counted)
  const { allowance, graph: found } = reading.value
  const failure = written.status === 'rejected' ? written : failureIn(counts, found)
  if (failure !== undefined) throw giveUp(failure.reason, supposed, counted)
  const payer = payerOf(found)
  const late = found.paced.filter((one) => !graph.paced.some((other) => isSame(one, other)))
  if (beside === undefined || (writesAlike(graph, found) && late.length === 0))
    return { allowance, payer, paced: counted }
  // What belongs to the key has just changed: what was written down names the wrong payer, and is written again.
  const [anew, more] = await Promise.all([outcomeOf(beside.write(payer)), countEach(late, beside)])
  const uses = [...counted, ...usesIn(more)]
  const failed = anew ?? failureIn(more, found)
  if (failed !== undefined) throw giveUp(failed.reason, payer, uses)
  return { allowance, payer, paced: uses }
}

interface Failure {
  readonly reason: unknown
}

type Count = PacedUse | (Failure & { readonly subject: PacedSubject })

const countEach = (subjects: readonly PacedSubject[], beside: Beside): Promise<Count[]> =>
  Promise.all(
    subjects.map((subject) =>
      beside.count(subject).then(
        (now) => ({ subject, now }),
        (reason: unknown) => ({ subject, reason }),
      ),
    ),
  )

const usesIn = (counts: readonly Count[]): PacedUse[] => counts.filter((one) => 'now' in one)

/** A minute that turned out to have no limit is not worth a refusal. */
const failureIn = (counts: readonly Count[], { paced }: IdentityGraph): Failure | undefined =>
  counts.filter((one) => 'reason' in one).find(({ subject }) => paced.some((one) => isSame(one, subject)))

const outcomeOf = (writing: Promise<void>): Promise<Failure | undefined> =>
  writing.then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  )

const isSame = (one: PacedSubject, other: PacedSubject): boolean => one.kind === other.kind && one.id === other.id

/** Whether the payers of two graphs are the same; on how many shards their counters are does not matter, as all of them are summed. */
const writesAlike = (one: IdentityGraph, other: IdentityGraph): boolean =>
  one.keyId === other.keyId && one.userId === other.userId && one.teamId === other.teamId

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
