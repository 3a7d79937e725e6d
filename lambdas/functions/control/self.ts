/** What the control plane says about itself. */
import { deepHealth } from '../../../contract/health.ts'
import { openApi, openApiDocument } from '../../../contract/openapi.ts'
import { controlRoutes } from '../../../contract/routes.ts'
import { type Operation, operation } from '../../http/operation.ts'
import { describeError, type Log } from '../../platform/log.ts'

/** Version of the contract, not of a build. */
const CONTRACT_VERSION = '0.1.0'

/** @param askDatabase Any read will do; it matters only whether it is answered. */
export function selfOperations(askDatabase: () => Promise<unknown>, log: Log): readonly Operation[] {
  return [
    operation(deepHealth)(async ({ requestId }) => {
      // This function has no way to Bedrock, so it does not claim to know.
      const rest = { bedrock: 'unknown', key_cache_size: 0 } as const
      try {
        await askDatabase()
      } catch (thrown) {
        log.error('control.unhealthy', { requestId, ...describeError(thrown) })
        return { status: 503, body: { status: 'unhealthy', checks: { db: 'unreachable', ...rest } } }
      }
      return { status: 200, body: { status: 'ok', checks: { db: 'ok', ...rest } } }
    }),
    operation(openApi)(async () => ({ status: 200, body: openApiDocument(controlRoutes, CONTRACT_VERSION) })),
  ]
}
