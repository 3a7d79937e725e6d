/** EventBridge's schedules: each rule fires its function when the gateway's clock has passed its time. */
import { randomUUID } from 'node:crypto'
import type { LocalFunction } from '../lambda/function.ts'
import type { LocalClock } from './clock.ts'

export interface ScheduleRule {
  readonly functionName: string
  /** `rate(1 minute)`. */
  readonly expression: string
}

export interface Schedules {
  /** Fires one function now, or at the time named. @throws FunctionError */
  tick(functionName: string, at?: Date): Promise<unknown>
  stop(): void
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** @throws Error for anything but a rate: the template has no cron. */
export function intervalOf(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? []
  if (count === undefined || unit === undefined) throw new Error(`the schedule ${expression} is not known here`)
  return Number(count) * (UNITS[unit] ?? 0)
}

/** How often the clock is looked at. EventBridge itself is exact to a minute. */
const LOOK_MS = 1_000

export function startSchedules(
  rules: readonly ScheduleRule[],
  functions: ReadonlyMap<string, LocalFunction>,
  clock: LocalClock,
  options: { readonly automatic: boolean; log(line: string): void },
): Schedules {
  const tick = async (functionName: string, at = clock.now()): Promise<unknown> => {
    const target = functions.get(functionName)
    if (target === undefined) throw new Error(`no function ${functionName} is scheduled`)
    return target.invoke(scheduledEvent(at))
  }
  // EventBridge fires a rate for the first time one interval after the rule was made; here at once, so that a fresh start is complete.
  const due = rules.map((rule) => ({ rule, at: clock.now().getTime() }))
  const look = (): void => {
    const now = clock.now()
    for (const one of due) {
      if (one.at > now.getTime()) continue
      one.at = now.getTime() + intervalOf(one.rule.expression)
      tick(one.rule.functionName, now).catch((error: unknown) =>
        options.log(`${one.rule.functionName}: ${String(error)}`),
      )
    }
  }
  if (!options.automatic) return { tick, stop: () => {} }
  look()
  const timer = setInterval(look, LOOK_MS)
  return { tick, stop: () => clearInterval(timer) }
}

/** Source: Amazon EventBridge user guide, "Scheduled events". */
const scheduledEvent = (at: Date): Record<string, unknown> => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '000000000000',
  // Whole seconds, as EventBridge tells it.
  time: `${at.toISOString().slice(0, 19)}Z`,
  region: 'us-east-1',
  resources: [],
  detail: {},
})
