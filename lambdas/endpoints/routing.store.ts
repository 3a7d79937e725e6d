/**
 * The endpoints' configuration of an environment: one strongly consistent query of its partition, made anew when the stamp in an
 * allowance says that something has changed. A changed endpoint, override or health is effective on the very next request.
 */
import type { Documents } from '../table/document.store.ts'
import { readEndpointsPartition } from './endpoints-partition.store.ts'
import { type OwnPlace, routingOf, versionOf } from './read-routing.ts'
import type { Routing } from './routing.ts'

export interface CurrentRouting {
  /** Begins to read while nobody waits for it yet, so that the first request of an environment waits for no third round trip. */
  warm(): void
  /** @param version The stamp read with the allowance. @throws what the SDK throws when it cannot be read. */
  at(version: number): Promise<Routing>
}

interface Known {
  readonly version: number
  readonly routing: Routing
}

export function openRouting(documents: Documents, coreTable: string, own: OwnPlace): CurrentRouting {
  let reading: Promise<Known> | undefined
  let known: Known | undefined
  const read = (): Promise<Known> => {
    reading ??= readEndpointsPartition(documents, coreTable)
      .then((items) => {
        known = { version: versionOf(items), routing: routingOf(items, own) }
        return known
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }
  return {
    warm() {
      if (known === undefined) read().catch(() => {})
    },
    async at(version) {
      if (known !== undefined && known.version >= version) return known.routing
      // What was being read before this request knew of the version may be older than it.
      const first = await read()
      return first.version >= version ? first.routing : (await read()).routing
    },
  }
}
