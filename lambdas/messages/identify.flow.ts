/**
 * Who asks? One round trip where the environment has seen the credential before, two where it has not. What must be
 * written before Bedrock may be called (`beside`) goes out together with the read, never before a credential is known.
 */

import type { AffinityQuestion, AllowanceStore } from '../admission/allowance.store.ts'
import { type Allowance, type IdentityGraph, type Payer, payerOf } from '../admission/allowance.ts'
import { type Credential, unknownCredential } from '../admission/credential.ts'
import { Fault } from '../platform/fault.ts'
import { isOutage } from '../table/outage.ts'

export interface Identified {
  readonly allowance: Allowance
  readonly payer: Payer
}

/** What is written down for a payer while his allowance is being read. */
export interface Beside {
  write(payer: Payer): Promise<void>
  /** The payer turned out to be nobody, or the read or the write failed: take it back. Runs after the answer; never rejects. */
  takeBack(payer: Payer): void
}

/** Long enough for a failover of DynamoDB's, short enough that the client's second try comes within its patience. */
const DATABASE_RETRY_SECONDS = 10

/** @throws Fault `unauthenticated` for an unknown credential, `database_unavailable` when DynamoDB does not answer. */
export async function identify(
  credential: Credential,
  allowances: AllowanceStore,
  beside?: Beside,
  affinity?: AffinityQuestion,
): Promise<Identified> {
  const graph = allowances.recall(credential.sha256) ?? (await orUnavailable(allowances.locate(credential.sha256)))
  if (graph === undefined) throw unknownCredential()
  const supposed = payerOf(graph)
  const [reading, written] = await Promise.allSettled([
    allowances.read(credential.sha256, graph, affinity),
    beside?.write(supposed),
  ])
  if (reading.status === 'rejected' || written.status === 'rejected' || reading.value === undefined) {
    beside?.takeBack(supposed)
    if (reading.status === 'rejected') throw unavailableIfOutage(reading.reason)
    if (reading.value === undefined) throw unknownCredential()
    throw unavailableIfOutage(written.status === 'rejected' ? written.reason : undefined)
  }
  const { allowance } = reading.value
  const payer = payerOf(reading.value.graph)
  // The key has just changed hands: what was written down names the wrong payer, and is written again.
  if (beside !== undefined && !sameGraph(graph, reading.value.graph)) await writeAnew(beside, payer)
  return { allowance, payer }
}

async function writeAnew(beside: Beside, payer: Payer): Promise<void> {
  try {
    await beside.write(payer)
  } catch (thrown) {
    beside.takeBack(payer)
    throw unavailableIfOutage(thrown)
  }
}

const sameGraph = (one: IdentityGraph, other: IdentityGraph): boolean =>
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
