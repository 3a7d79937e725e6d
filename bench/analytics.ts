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
import { ENDPOINTS, earlier, hourEarlier, type Item, isOf, type Organisation, organisation } from './organisation.ts'

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
    say,
  )
  const token = (await control.person({ role: 'admin' })).token
  const ask = (name: string, path: string) => measure(control, meter, token, name, path)
  say('asking before anything is packed')
  const loose = await ask('overview, nothing packed', `org/overview?days=${DAYS}`)
  say('packing')
  const packs = await packMonths(control, addMs(midnight, -DAYS * DAY_MS), now)
  const queries = [loose]
  for (const [name, path] of questions(of, midnight)) {
    say(`asking: ${name}`)
    queries.push(await ask(name, path))
  }
  return { people: of.people.length, days: DAYS, written: { items, packs, rowsOfADay }, queries }
}

function questions({ people, teams }: Organisation, midnight: Instant): [string, string][] {
  const month = `days=${DAYS}`
  const person = `user=${people[7]?.email}`
  const team = `team=${encodeURIComponent(teams[3]?.name ?? '')}`
  const yesterday = new Date(midnight - DAY_MS).toISOString().slice(0, 10)
  const day = `from=${yesterday}&to=${yesterday}`
  return [
    ...['overview', 'spend', 'activity', 'models', 'tools'].map((of): [string, string] => [
      `${of}, month`,
      `org/${of}?${month}`,
    ]),
    ['activity, month, asked again', `org/activity?${month}`],
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
 * Today and the week before it whole; of the weeks before that the aggregates, which are those of that week again. Their tools are
 * nobody's who is asked for here. @param week Items of today, yesterday and so on.
 */
async function writeHours(control: TestControl, week: readonly Item[][], say: Say): Promise<number> {
  let written = 0
  for (let day = DAYS; day >= 0; day--) {
    const weeks = Math.floor(Math.max(0, day - 1) / 7)
    const items = week[day - weeks * 7] ?? []
    const ofDay =
      weeks === 0 ? items : items.filter((item) => isOf('AGG', item)).map((item) => earlier(item, weeks * 7))
    written += await writeAll(control, ofDay)
    if (day % 7 === 0) say(`written: ${written}`)
  }
  return written
}

/** Everything as `watch` packs it; then what was not written one by one: tools of the month, and the month before it. */
async function packMonths(control: TestControl, from: Instant, now: Instant): Promise<number> {
  const tools = packTools(control)
  await tools.mark.write(from)
  let packed = 0
  for (let more = -1; more !== 0; packed += more) more = await packHours(now, tools)
  for (let hours = 1; hours <= 7 * 24; hours++) {
    const hour = hourOf(addMs(now, -(now % DAY_MS) - hours * HOUR_MS))
    await copyHour(control, 'TOOLS', hour, [1, 2, 3, 4, 5, 6, 7])
    await copyHour(control, 'AGG', hour, [4, 5, 6, 7])
  }
  return packed
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
    `${people} people, ${days} days and this morning: ${written.items.toLocaleString('en-US')} hourly items, packed into ${written.packs} hours; yesterday's ${written.rowsOfADay.toLocaleString('en-US')} requests one by one.`,
    '',
    ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}
