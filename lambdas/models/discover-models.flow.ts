/** Asks Bedrock which inference profiles there are and remembers the answer. New models appear a few times a year. */
import type { Instant } from '../platform/instant.ts'
import { describeError, type Log } from '../platform/log.ts'
import type { InferenceProfiles } from './inference-profiles.client.ts'
import type { OfferedModels } from './offered-models.store.ts'

/** `watch` runs each minute; a listing every ten keeps a new model waiting less than a coffee break. */
const EVERY_MS = 10 * 60_000

export async function discoverModels(
  endpointId: string,
  now: Instant,
  tools: { readonly profiles: InferenceProfiles; readonly offered: OfferedModels; readonly log: Log },
): Promise<void> {
  const before = await tools.offered.discoveredAt(endpointId)
  if (before !== undefined && now - Date.parse(before) < EVERY_MS) return
  try {
    await tools.offered.write(endpointId, await tools.profiles.list(), now)
  } catch (thrown) {
    // What was known stays; the next run asks again.
    tools.log.error('discovery_failed', { endpointId, ...describeError(thrown) })
  }
}
