/**
 * Every request of a window as CSV, newest first, written as fast as it is taken: a page of each shard is in memory, never more.
 * What cannot be sent as a whole is refused before the first byte, since nobody looks for the end of a file that looks like one.
 */
import { Fault } from '../platform/fault.ts'
import type { Instant } from '../platform/instant.ts'
import { type ExportKind, exportHead, exportLine } from './export-columns.ts'
import { usesIn } from './hour-use.ts'
import type { OrgQuery } from './org-analytics.flow.ts'
import { filterOf, type OrgFilter, passes } from './org-filter.ts'
import type { OrgNameStore } from './org-names.store.ts'
import type { OrgNames } from './org-names.ts'
import { daysOf, type Hours, orgWindowOf, untilNow } from './org-window.ts'
import { type HourTools, readHours } from './read-hours.flow.ts'
import type { ExportedRequest, RequestPages } from './request-pages.store.ts'

export interface ExportTools {
  readonly names: OrgNameStore
  readonly hours: HourTools
  readonly pages: RequestPages
}

export interface Export {
  readonly days: number
  readonly body: ReadableStream<Uint8Array>
}

/**
 * A streamed answer of a function has at most 200 MB. A line has 160 bytes; with the longest names of people, teams and endpoints 400.
 * Source: AWS Lambda developer guide, "Response streaming".
 */
const MOST_LINES = 500_000

/** Of people, whose rows are read by their index; beyond that it is quicker to read everybody's. */
const FEW_PEOPLE = 20

/** Some hundred kilobytes at once. */
const LINES_AT_ONCE = 1_000

/** @throws Fault `invalid_request` when it would be too long */
export async function exportRequests(
  kind: ExportKind,
  query: OrgQuery,
  at: Instant,
  tools: ExportTools,
): Promise<Export> {
  // There are no stretches in it.
  const window = orgWindowOf({ ...query, granularity: 'week' }, at)
  const names = await tools.names.all()
  const filter = filterOf(query, names)
  await refuseTooLong(window, filter, at, tools)
  const lines = linesOf(kind, window, filter, names, at, tools.pages)
  // The first lines are made before the status is sent: what fails at once is told as such.
  const first = await lines.next()
  return { days: window.days, body: bytesOf(first, lines) }
}

async function refuseTooLong(window: Hours, filter: OrgFilter, at: Instant, { hours }: ExportTools): Promise<void> {
  let requests = 0
  for await (const pack of readHours('AGG', window, filter.identities, at, hours)) {
    for (const use of usesIn(pack)) if (passes(filter, use)) requests += use.requests
  }
  if (requests <= MOST_LINES) return
  throw new Fault(
    'invalid_request',
    `days, from, to: ${requests} requests are more than the ${MOST_LINES} that one file can hold; take a shorter window or more filters`,
  )
}

async function* linesOf(
  kind: ExportKind,
  window: Hours,
  filter: OrgFilter,
  names: OrgNames,
  at: Instant,
  pages: RequestPages,
): AsyncGenerator<string> {
  let lines = [exportHead(kind)]
  for await (const request of newestFirst(window, filter, at, pages)) {
    if (!passes(filter, request)) continue
    lines.push(exportLine(request, kind, names))
    if (lines.length < LINES_AT_ONCE) continue
    yield lines.join('')
    lines = []
  }
  if (lines.length > 0) yield lines.join('')
}

async function* newestFirst(
  window: Hours,
  { identities }: OrgFilter,
  at: Instant,
  pages: RequestPages,
): AsyncGenerator<ExportedRequest> {
  const hours = untilNow(window, at)
  if (hours === undefined) return
  if (identities !== null && identities.size <= FEW_PEOPLE) {
    yield* merged([...identities].map((identity) => pages.ofPerson(identity, hours)))
    return
  }
  for (const day of daysOf(hours).reverse()) yield* merged(pages.ofDay(day, hours))
}

/** What is left of a page, the next request first, and where more comes from. */
interface Source {
  readonly rows: readonly ExportedRequest[]
  readonly next: number
  readonly pages: AsyncGenerator<readonly ExportedRequest[]>
}

async function* merged(all: readonly AsyncGenerator<readonly ExportedRequest[]>[]): AsyncGenerator<ExportedRequest> {
  let sources = (await Promise.all(all.map((pages) => refilled({ rows: [], next: 0, pages })))).flat()
  while (sources.length > 0) {
    const newest = sources.reduce((one, other) => (placeIn(other) > placeIn(one) ? other : one))
    yield newest.rows[newest.next] as ExportedRequest
    const moved = { ...newest, next: newest.next + 1 }
    const rest = moved.next < moved.rows.length ? [moved] : await refilled(moved)
    sources = sources.flatMap((source) => (source === newest ? rest : [source]))
  }
}

const placeIn = ({ rows, next }: Source): string => rows[next]?.place ?? ''

/** @returns the source with rows in it, or nothing where there are no more. */
async function refilled({ pages }: Source): Promise<Source[]> {
  for (;;) {
    const page = await pages.next()
    if (page.done === true) return []
    if (page.value.length > 0) return [{ rows: page.value, next: 0, pages }]
  }
}

function bytesOf(first: IteratorResult<string>, lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let waiting: IteratorResult<string> | undefined = first
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = waiting ?? (await lines.next())
      waiting = undefined
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
