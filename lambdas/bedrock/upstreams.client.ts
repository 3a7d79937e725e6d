/** Both ways of speaking to Bedrock, over the same connections and with the same credentials. */
import { openInvokeUpstream } from './invoke.client.ts'
import { createKinds, type Kinds } from './kinds.ts'
import { openMessagesUpstream } from './messages.client.ts'
import { openRuntimes, type RuntimesOptions } from './runtimes.client.ts'
import type { Upstream } from './upstream.ts'

export interface Upstreams {
  readonly invoke: Upstream
  /** Throws `UpstreamAbsent` where an endpoint does not have it; whoever calls notes that in `kinds` and translates for `invoke`. */
  readonly messages: Upstream
  readonly kinds: Kinds
  /** Ends the connections that are kept. */
  close(): void
}

export function openUpstreams(options: RuntimesOptions): Upstreams {
  const runtimes = openRuntimes(options)
  return {
    invoke: openInvokeUpstream(runtimes),
    messages: openMessagesUpstream(runtimes),
    kinds: createKinds(),
    close: () => runtimes.connections.close(),
  }
}
