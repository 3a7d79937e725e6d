/** How many keys there may be. A bound keeps the lists readable as a whole, whatever a program that runs wild asks for. */
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import type { KeyStore } from './keys.store.ts'
import { statusOf } from './virtual-key.ts'

/** Far more than the machines and projects of one person, and small enough that ten thousand people stay one list. */
const MOST_ACTIVE_OF_A_PERSON = 100

/** Years of keys that were made and revoked again. Without it, the list would grow by making and revoking. */
const MOST_OF_A_PERSON = 1000

/** Pipelines and services. Only administrators make these: this is against a loop that runs wild, not against them. */
const MOST_ACTIVE_OF_NOBODY = 1000

/**
 * The lists lag by a moment, so a few more get through who come at once: harmless, as the bounds are not exact needs.
 * @throws Fault `conflict` that says what to do
 */
export async function refuseTooMany(
  userId: string | null,
  at: Instant,
  keys: Pick<KeyStore, 'listAll' | 'listOfUser'>,
): Promise<void> {
  const all = await (userId === null ? keys.listAll() : keys.listOfUser(userId))
  const active = all.filter((key) => key.userId === userId && statusOf(key, at) === 'active').length
  if (userId === null && active >= MOST_ACTIVE_OF_NOBODY) {
    throw tooMany(
      `a gateway can have ${MOST_ACTIVE_OF_NOBODY} active keys without owner at most; revoke one that is not needed any more`,
    )
  }
  if (userId === null) return
  if (active >= MOST_ACTIVE_OF_A_PERSON) {
    throw tooMany(
      `a person can have ${MOST_ACTIVE_OF_A_PERSON} active keys at most; revoke one that is not needed any more`,
    )
  }
  if (all.length >= MOST_OF_A_PERSON) {
    throw tooMany(
      `a person can have ${MOST_OF_A_PERSON} keys at most, with those that are revoked or expired; delete some of these`,
    )
  }
}

const tooMany = (message: string): Fault => new Fault('conflict', `user_id: ${message}`)
