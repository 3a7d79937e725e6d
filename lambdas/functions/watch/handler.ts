/** The `watch` function, each minute: settles requests whose environment died, looks after endpoints, tries beta flags, and packs hours. */
import { probeBetas } from '../../endpoints/probe-betas.flow.ts'
import { watchEndpoints } from '../../endpoints/watch-endpoints.flow.ts'
import { readEnvironment } from '../../platform/environment.host.ts'
import { describeError } from '../../platform/log.ts'
import { type ScheduledEvent, timeOf } from '../../platform/scheduled.ts'
import { packHours } from '../../spend/pack-hours.flow.ts'
import { settleAbandoned } from '../../spend/settle-abandoned.flow.ts'
import { WatchEnv } from './env.ts'
import { watchServices } from './services.ts'

const services = watchServices(readEnvironment(WatchEnv))

export async function handler(event: ScheduledEvent): Promise<{ settled: number }> {
  const now = timeOf(event)
  const { abandoned, endpoints, probes, routing, packing, log } = services
  // Money first: what the rest may meet must not keep it waiting.
  const settled = await settleAbandoned(now, abandoned)
  await watchEndpoints(now, endpoints)
  await probeBetas(await routing(), now, probes).catch((thrown: unknown) => {
    log.error('probes_failed', describeError(thrown))
  })
  await packHours(now, packing).catch((thrown: unknown) => {
    // Nothing is lost: what is not packed is read item by item, and the next run tries again.
    log.error('packing_failed', describeError(thrown))
  })
  log.info('watch', { settled })
  return { settled }
}
