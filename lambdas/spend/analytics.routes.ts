/** `/admin/analytics` */
import { analytics } from '../../contract/analytics.ts'
import { type Operation, operation } from '../http/operation.ts'
import type { AnalyticsStore } from './analytics.store.ts'
import { analyticsOf, windowBefore, windowOf } from './analytics.ts'

export function analyticsOperations(store: AnalyticsStore): readonly Operation[] {
  return [
    operation(analytics)(async ({ query, caller, at }) => {
      const window = windowOf(query, at)
      const prior = windowBefore(window)
      const [hours, before, tools] = await Promise.all([
        store.hoursOf(caller.userId, window.firstHour, window.lastHour),
        store.hoursOf(caller.userId, prior.firstHour, prior.lastHour),
        store.toolsOf(caller.userId, window.firstHour, window.lastHour),
      ])
      return { status: 200, body: analyticsOf(caller.email, window, hours, before, tools) }
    }),
  ]
}
