/** What was measured, as tables: for the terminal and, between two marks, in `docs/performance.md`. */
import { COST_FORMULA } from './costs.ts'
import type { Facts } from './facts.ts'
import type { Outcome, Row } from './measure.ts'
import { EVENTS } from './workload.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  /** The gateway under test had a core to itself. */
  readonly pinned: boolean
  /** Processes that wanted to run when the bench began, over a minute: other people's work. */
  readonly loadAtStart: number
}

export interface Subjects {
  readonly [name: string]: { readonly title: string; readonly version: string }
}

export interface Result {
  /** RFC 3339. */
  readonly at: string
  readonly commit: string
  readonly quick: boolean
  readonly seconds: number
  readonly machine: Machine
  readonly subjects: Subjects
  readonly missing: readonly string[]
  readonly facts: Facts | null
  readonly outcome: Outcome | null
}

type Table = readonly (readonly string[])[]

const ms = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1))
const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`
const MB = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`
const usd = (value: number): string => `$${value.toFixed(2)}`

const added = ({ p50, p50From, p50To, p99 }: Row['firstByteMs']): readonly string[] => [
  `${ms(p50)} (${ms(p50From)} to ${ms(p50To)})`,
  ms(p99),
]

function loadTable({ rows, direct }: Outcome, { subjects }: Result): Table {
  const head = [
    'body',
    'streams',
    'gateway',
    'added to first byte, ms: p50 (middle half)',
    'p99',
    'added in total, ms: p50 (middle half)',
    'p99',
    'added to each further event, ms',
    'CPU ms a request',
    'requests/s a core',
    'beside it, CPU ms',
    'database wait, ms: p50',
    'resident',
  ]
  const body = direct.flatMap(({ size, streams, firstByteMs, totalMs }) => [
    [
      size,
      String(streams),
      'direct',
      `(${ms(firstByteMs.p50)})`,
      `(${ms(firstByteMs.p99)})`,
      `(${ms(totalMs.p50)})`,
      `(${ms(totalMs.p99)})`,
      ...Array.from({ length: 6 }, () => ''),
    ],
    ...rows
      .filter((row) => row.size === size && row.streams === streams)
      .map((row) => [
        '',
        '',
        subjects[row.subject]?.title ?? row.subject,
        ...added(row.firstByteMs),
        ...added(row.totalMs),
        ((row.totalMs.p50 - row.firstByteMs.p50) / (EVENTS - 1)).toFixed(3),
        ms(row.cpuMs),
        row.requestsPerSecondPerCore.toFixed(0),
        ms(row.cpuBesideMs),
        row.databaseWaitMs === null ? '' : ms(row.databaseWaitMs.p50),
        MB(row.residentBytes),
      ]),
  ])
  return [head, ...body]
}

const trip = (units: Facts['cold']): string =>
  `${units.waitedFor} waited for; ${units.readUnits} read and ${units.writeUnits} write units (${units.operations.join(', ')})`

function factTable({ bundleBytes, bundleGzipBytes, importMs, cold, warm, costs, memory }: Facts): Table {
  return [
    ['of the deployed function `messages`', 'measured', 'target'],
    ['bundle, minified', `${kB(bundleBytes)} (gzip ${kB(bundleGzipBytes)})`, '< 500 kB'],
    ['import in a fresh process, median', `${importMs.toFixed(0)} ms`, '< 70 ms'],
    ['database, cold request', trip(cold), '2 waited for'],
    ['database, warm request', trip(warm), '1 waited for'],
    ['DynamoDB, a million warm requests', usd(costs.database), '< $12'],
    [
      'Lambda, a million requests',
      `${usd(costs.invocations)} + ${usd(costs.durationPerSecond)} for each second an answer takes`,
      '',
    ],
    [`both, answers of ${costs.answerSeconds} s`, usd(costs.total), ''],
    [
      `peak memory before and after a stream of ${MB(memory.streamBytes)}`,
      `${MB(memory.peakBytesBefore)}, ${MB(memory.peakBytesAfter)}`,
      'does not grow with the stream',
    ],
  ]
}

function heading({ at, commit, seconds, machine }: Result): string {
  const { processor, cores, memoryBytes, system, node, pinned, loadAtStart } = machine
  return [
    `Measured ${at.slice(0, 16).replace('T', ' ')} UTC at ${commit}, in ${seconds} s.`,
    `${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${system}, Node ${node};`,
    pinned ? 'the gateway under test alone on one core;' : 'nothing pinned to a core;',
    `load of the machine when it began: ${loadAtStart.toFixed(2)}.`,
  ].join(' ')
}

const notes = ({ missing, outcome, subjects }: Result): readonly string[] => [
  ...Object.values(subjects).map(({ title, version }) => `${title} ${version}`),
  ...missing.map((line) => `not measured: ${line}`),
  ...(outcome?.failures ?? []).map((line) => `failed, and left out from there on: ${line}`),
]

function tablesOf(result: Result): readonly Table[] {
  return [
    ...(result.facts === null ? [] : [factTable(result.facts)]),
    ...(result.outcome === null ? [] : [loadTable(result.outcome, result)]),
  ]
}

export function asText(result: Result): string {
  const aligned = (table: Table): string => {
    const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
    return table
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n')
  }
  const costs = result.facts === null ? [] : [`Dollars: ${COST_FORMULA}`]
  return [heading(result), ...tablesOf(result).map(aligned), [...costs, ...notes(result)].join('\n')].join('\n\n')
}

export function asMarkdown(result: Result): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = ([head = [], ...body]: Table): string =>
    [row(head), row(head.map(() => '---')), ...body.map(row)].join('\n')
  const costs = result.facts === null ? [] : [`Dollars a million requests: \`${COST_FORMULA}\` (\`bench/costs.ts\`)`]
  const list = [...notes(result), ...costs].map((line) => `- ${line}`).join('\n')
  return [heading(result), ...tablesOf(result).map(table), list].join('\n\n')
}

const BEGIN = '<!-- bench: begin -->'
const END = '<!-- bench: end -->'

/** @throws Error when the marks are not there. */
export function withTables(page: string, tables: string): string {
  const [before, , after] = page.split(new RegExp(`(?<=${BEGIN})|(?=${END})`))
  if (before === undefined || after === undefined) throw new Error(`the page lacks ${BEGIN} and ${END}`)
  return `${before}\n\n${tables}\n\n${after}`
}
