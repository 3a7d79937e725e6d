/**
 * `npm run bench -- analytics`: a month of a thousand people is read back by each analytics query, through the control plane's own
 * app, over an embedded database on this machine. Told are the calls, items, bytes and read units of each. Nothing is asserted.
 */
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import { addMs, hourOf, type Instant, instant } from '../lambdas/platform/instant.ts'
import { openHourItems } from '../lambdas/spend/hour-items.store.ts'
import { openHourPacks } from '../lambdas/spend/hour-packs.store.ts'
import { packHours } from '../lambdas/spend/pack-hours.flow.ts'
import {
  endpointKey,
  endpointsStampKey,
  membersOfTeam,
  TEAMS_LIST,
  teamKey,
  USERS_LIST,
  userKey,
} from '../lambdas/table/core-keys.ts'
import type { HourKind } from '../lambdas/table/usage-keys.ts'
import { startControl, type TestControl } from '../test/support/control.ts'
import { packTools } from '../test/support/org-usage.ts'
import { type CallMeter, meterCalls } from './call-meter.ts'
import {
  ENDPOINTS,
  earlier,
  hourEarlier,
  type Item,
  type Organisation,
  organisation,
  type Person,
} from './organisation.ts'

export interface AnalyticsRun {
  readonly people: number
  readonly days: number
  readonly written: { readonly items: number; readonly packs: number; readonly rowsOfADay: number }
  readonly queries: readonly Measured[]
}

export interface Measured {
  readonly name: string
  readonly operations: Readonly<Record<string, number>>
  readonly items: number
  readonly bytes: number
  readonly readUnits: number
  readonly answerBytes: number
  readonly ms: number
  readonly cpuMs: number
  /** Of this process, which is also who writes the organisation down: it only tells that an export does not grow with its length. */
  readonly residentBytes: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS = 28
/** Of the month, beside its last; and of the month before it. */
const EARLIER_WEEKS = [1, 2, 3]
const ALL_WEEKS = [...EARLIER_WEEKS, 4, 5, 6, 7]
/** Whose month is asked for, by their place. */
const ASKED_FOR = 7

type Say = (line: string) => void

const PEOPLE = 1_000
/** Enough to see that it works. */
const QUICK_PEOPLE = 30

/** @param ending Takes what is to be ended whatever happens. */
export async function benchAnalytics(quick: boolean, say: Say, ending: (() => unknown)[]): Promise<AnalyticsRun> {
  const control = await startControl()
  ending.push(() => control.stop())
  const meter = meterCalls(control.documents)
  const of = organisation(quick ? QUICK_PEOPLE : PEOPLE)
  const now = control.now()
  const midnight = instant(now - (now % DAY_MS))
  say(`writing ${DAYS} days of ${of.people.length} people`)
  await writeNames(control, of)
  const week = Array.from({ length: 8 }, (_, day) => of.day(addMs(midnight, -day * DAY_MS), now))
  const rowsOfADay = await writeAll(control, week[1]?.rows ?? [])
  const items = await writeHours(
    control,
    week.map((day) => day.items),
    of.people[ASKED_FOR] as Person,
    say,
  )
  const token = (await control.person({ role: 'admin' })).token
  const ask = (name: string, path: string) => measure(control, meter, token, name, path)
  say('asking before anything is packed')
  const loose = await ask('models, a day that is not packed', `org/models?${dayBefore(midnight)}`)
  say('packing')
  const packs = await packMonths(control, addMs(midnight, -7 * DAY_MS), now)
  const queries = [loose]
  for (const [name, path] of questions(of, midnight)) {
    say(`asking: ${name}`)
    queries.push(await ask(name, path))
  }
  return { people: of.people.length, days: DAYS, written: { items, packs, rowsOfADay }, queries }
}

function questions({ people, teams }: Organisation, midnight: Instant): [string, string][] {
  const month = `days=${DAYS}`
  const person = `user=${people[ASKED_FOR]?.email}`
  const team = `team=${encodeURIComponent(teams[3]?.name ?? '')}`
  const day = dayBefore(midnight)
  return [
    ...['overview', 'spend', 'activity', 'models', 'tools'].map((of): [string, string] => [
      `${of}, month`,
      `org/${of}?${month}`,
    ]),
    ['activity, month, asked again', `org/activity?${month}`],
    ['models, the day that is packed now', `org/models?${day}`],
    ['overview, 7 days', 'org/overview?days=7'],
    ['overview, 1 day', 'org/overview?days=1'],
    ['overview, month, of a team', `org/overview?${month}&${team}`],
    ['spend, month, of a team', `org/spend?${month}&${team}`],
    ['overview, month, of a person', `org/overview?${month}&${person}`],
    ['spend, month, of a person', `org/spend?${month}&${person}`],
    ['spend, month, model and endpoint', `org/spend?${month}&model=claude-haiku-4-5&endpoint=${ENDPOINTS[0]}`],
    ['export, a day', `org/export?${day}`],
    ['export, a day, of a team', `org/export?${day}&${team}`],
    ['export, a day, of a person', `org/export?${day}&${person}`],
    ['members of a team', `../teams/${teams[3]?.id}/analytics`],
  ]
}

function dayBefore(midnight: Instant): string {
  const yesterday = new Date(midnight - DAY_MS).toISOString().slice(0, 10)
  return `from=${yesterday}&to=${yesterday}`
}

async function measure(
  control: TestControl,
  meter: CallMeter,
  token: string,
  name: string,
  path: string,
): Promise<Measured> {
  meter.read()
  const [fromMs, fromCpu] = [performance.now(), process.cpuUsage()]
  const url = new URL(`http://bench/admin/analytics/${path}`)
  const { status, body } = await control.ask('GET', url.pathname + url.search, { token })
  const [ms, cpu] = [performance.now() - fromMs, process.cpuUsage(fromCpu)]
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  const calls = meter.read()
  return {
    name,
    operations: Object.fromEntries(calls.operations),
    items: calls.items,
    bytes: calls.bytes,
    readUnits: calls.readUnits,
    answerBytes: (typeof body === 'string' ? body : JSON.stringify(body)).length,
    ms: Math.round(ms),
    cpuMs: Math.round((cpu.user + cpu.system) / 1000),
    residentBytes: process.memoryUsage.rss(),
  }
}

/** As the gateway writes people, teams and endpoints, as far as analytics reads them. */
async function writeNames(control: TestControl, { people, teams }: Organisation): Promise<void> {
  const created_at = '2026-01-01T00:00:00.000Z'
  const items = [
    ...people.map(({ id, email, teamId }) => ({
      ...userKey(id),
      GSI1PK: USERS_LIST,
      GSI1SK: email,
      GSI2PK: membersOfTeam(teamId),
      GSI2SK: `USER#${email}`,
      id,
      email,
      email_lc: email,
      role: 'member',
      active: true,
      team_id: teamId,
      created_at,
      counter_shards: 1,
    })),
    ...teams.map(({ id, name }) => ({
      ...teamKey(id),
      GSI1PK: TEAMS_LIST,
      GSI1SK: name.toLowerCase(),
      id,
      name,
      created_at,
      budget_nano: 5_000_000_000_000,
      counter_shards: 8,
    })),
    ...ENDPOINTS.map((id) => ({ ...endpointKey(id), id, name: id, region: 'us-east-1', routing_prefix: 'global' })),
    { ...endpointsStampKey, endpoints: 1 },
  ]
  await writeAll(control, items, 'core')
}

/** BatchWriteItem takes no more at once. */
const BATCH = 25
const AT_ONCE = 8

async function writeAll(
  { documents, tables }: TestControl,
  items: readonly Item[],
  table: 'core' | 'usage' = 'usage',
): Promise<number> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, place) =>
    items.slice(place * BATCH, (place + 1) * BATCH),
  )
  const write = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const RequestItems = { [tables[table]]: batch.map((Item) => ({ PutRequest: { Item } })) }
      await documents.send(new BatchWriteCommand({ RequestItems }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, write))
  return items.length
}

/**
 * Today and the seven days before it, item by item. The weeks before are that week again: packed, as they are read, and item by
 * item for the one person whose month is asked for. @param week Items of today, yesterday and so on.
 */
async function writeHours(control: TestControl, week: readonly Item[][], person: Person, say: Say): Promise<number> {
  let written = 0
  for (const [day, items] of week.entries()) {
    const own = items.filter(({ identity, hour }) => identity === person.id && hour !== undefined)
    const before = day === 0 ? [] : EARLIER_WEEKS.flatMap((weeks) => own.map((item) => earlier(item, weeks * 7)))
    written += await writeAll(control, [...items, ...before])
    say(`written: ${written}`)
  }
  return written
}

/** The week as `watch` packs it; then the same for the weeks before it, of which the last four are what the month is compared with. */
async function packMonths(control: TestControl, from: Instant, now: Instant): Promise<number> {
  const tools = packTools(control)
  await tools.mark.write(from)
  let packed = 0
  for (let more = -1; more !== 0; packed += more) more = await packHours(now, tools)
  for (let hours = 1; hours <= 7 * 24; hours++) {
    const hour = hourOf(addMs(now, -(now % DAY_MS) - hours * HOUR_MS))
    for (const kind of ['AGG', 'TOOLS'] as const) await copyHour(control, kind, hour, ALL_WEEKS)
  }
  return packed + 7 * 24 * ALL_WEEKS.length
}

async function copyHour(
  { documents, tables }: TestControl,
  kind: HourKind,
  hour: string,
  weeksAgo: readonly number[],
): Promise<void> {
  const packs = openHourPacks(documents, tables.usage)
  const only = { firstHour: hour, lastHour: hour }
  const found = await openHourItems(documents, tables.usage).ofDay(kind, hour.slice(0, 10), only, 'eventual')
  for (const weeks of weeksAgo) {
    const then = hourEarlier(hour, weeks * 7)
    await packs.write(
      kind,
      then,
      found.map(({ part, counts }) => ({ part: { ...part, hour: then }, counts })),
    )
  }
}

const million = (bytes: number): string => (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 2 : 1)

/** Markdown, as it stands in `docs/performance.md`. */
export function analyticsTable({ people, days, written, queries }: AnalyticsRun): string {
  const head = ['query', 'calls', 'items', 'MB read', 'read units', 'MB answered', 'ms', 'CPU ms', 'resident MB']
  const rows = queries.map((one) => [
    one.name,
    Object.entries(one.operations)
      .map(([operation, count]) => `${count} ${operation}`)
      .join(', '),
    one.items.toLocaleString('en-US'),
    million(one.bytes),
    Math.round(one.readUnits).toLocaleString('en-US'),
    million(one.answerBytes),
    String(one.ms),
    String(one.cpuMs),
    String(Math.round(one.residentBytes / 1_000_000)),
  ])
  return [
    `${people} people, ${days} days and this morning, and the ${days} days before: ${written.packs.toLocaleString('en-US')} packed hours, and item by item ${written.items.toLocaleString('en-US')} of the last week; yesterday's ${written.rowsOfADay.toLocaleString('en-US')} requests one by one.`,
    '',
    ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}
