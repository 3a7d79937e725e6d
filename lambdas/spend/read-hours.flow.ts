/**
 * The hours of a window, pack after pack, so that a year of them is never in memory at once. What is packed is read packed;
 * the hours that are not yet are read item by item, and what was settled late comes beside both.
 */
import { addMs, hourOf, type Instant } from '../platform/instant.ts'
import type { HourKind } from '../table/usage-keys.ts'
import { momentOf } from './analytics.ts'
import type { HourItems } from './hour-items.store.ts'
import type { ClosedPack, HourPacks } from './hour-packs.store.ts'
import { type HourItem, type HourPack, packOf } from './hour-use.ts'
import { daysOf, type Hours, untilNow } from './org-window.ts'

export interface HourTools {
  readonly items: HourItems
  readonly packs: HourPacks
}

const HOUR_MS = 3_600_000

/** Eight days are some megabytes packed: enough to be on the way while one is thought over. */
const DAYS_AHEAD = 8

/** A person's month as single items is some 200 kB; seventy of them are what a month of a thousand people is packed, and twenty are picked at most. */
const FEW_PEOPLE = 20

/** @param people `null`: everybody; few of them are read by the index of their identity. */
export async function* readHours(
  kind: HourKind,
  window: Hours,
  people: ReadonlySet<string> | null,
  now: Instant,
  tools: HourTools,
): AsyncGenerator<HourPack> {
  const hours = untilNow(window, now)
  if (hours === undefined) return
  if (people !== null && people.size <= FEW_PEOPLE) {
    for (const identity of people) yield packOf(await tools.items.ofPerson(kind, identity, hours))
    return
  }
  for (const month of new Set(daysOf(hours).map((day) => day.slice(0, 7)))) {
    const late = await tools.items.late(kind, month, hours)
    if (late.length > 0) yield packOf(late)
  }
  for await (const { packed, loose } of inOrder(daysOf(hours), (day) => readDay(kind, within(hours, day), tools))) {
    if (loose.length > 0) yield packOf(loose)
    for (const pack of packed) yield await pack.open()
  }
}

const within = ({ firstHour, lastHour }: Hours, day: string): Hours => ({
  firstHour: firstHour > `${day}T00` ? firstHour : `${day}T00`,
  lastHour: lastHour < `${day}T23` ? lastHour : `${day}T23`,
})

interface Day {
  readonly packed: readonly ClosedPack[]
  readonly loose: readonly HourItem[]
}

async function readDay(kind: HourKind, hours: Hours, { items, packs }: HourTools): Promise<Day> {
  const day = hours.firstHour.slice(0, 10)
  const packed = await packs.ofDay(kind, day, hours)
  const open = stretchesWithout(packed, hours)
  const loose = await Promise.all(open.map((stretch) => items.ofDay(kind, day, stretch, 'eventual')))
  return { packed: [...packed.values()].flat(), loose: loose.flat() }
}

/** Hours that are not packed, those beside each other as one. */
function stretchesWithout(packed: ReadonlyMap<string, unknown>, { firstHour, lastHour }: Hours): Hours[] {
  const stretches: Hours[] = []
  for (let at = momentOf(firstHour); at <= momentOf(lastHour); at = addMs(at, HOUR_MS)) {
    const hour = hourOf(at)
    if (packed.has(hour)) continue
    const last = stretches.at(-1)
    if (last?.lastHour === hourOf(addMs(at, -HOUR_MS))) stretches[stretches.length - 1] = { ...last, lastHour: hour }
    else stretches.push({ firstHour: hour, lastHour: hour })
  }
  return stretches
}

/** Some are under way while one is looked at; they come in the order in which they were asked for. */
async function* inOrder<From, To>(all: readonly From[], work: (one: From) => Promise<To>): AsyncGenerator<To> {
  const running: Promise<To>[] = []
  for (const one of all) {
    const promise = work(one)
    // Whoever waits for it hears of its failure; until then nobody does.
    promise.catch(() => {})
    running.push(promise)
    if (running.length >= DAYS_AHEAD) yield await (running.shift() as Promise<To>)
  }
  for (const promise of running) yield await promise
}
