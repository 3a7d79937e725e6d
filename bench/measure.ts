/**
 * The measuring: rounds in which everybody has one turn, direct calls among them, so that each turn has a direct one from
 * the same moment beside it.
 */
import { loadTarget, type Target } from './client.ts'
import { type Cores, cpuMs, pin, residentBytes } from './processes.ts'
import { type Added, addedOf, median, orderOf, quantile } from './statistics.ts'
import type { Subject } from './subjects/subject.ts'
import { BEDROCK_MODEL, bodyOf, type Size } from './workload.ts'

export interface Cell {
  readonly size: Size
  readonly streams: number
}

export interface Plan {
  readonly cells: readonly Cell[]
  /** For one cell, all subjects together. */
  readonly cellMs: number
  /** One turn of one subject; requests that run are awaited, so large bodies take longer. */
  readonly turnMs: number
}

export interface Row {
  readonly subject: string
  readonly size: string
  readonly streams: number
  readonly rounds: number
  readonly requests: number
  readonly firstByteMs: Added
  readonly totalMs: Added
  readonly requestsPerSecond: number
  /** User and system time of all processes of the gateway, in ms a request. */
  readonly cpuMs: number
  /** The same of its database and, for the function, of the emulation. */
  readonly cpuBesideMs: number
  readonly requestsPerSecondPerCore: number
  readonly residentBytes: number
  readonly databaseWaitMs: { readonly p50: number; readonly p99: number } | null
}

export interface DirectRow {
  readonly size: string
  readonly streams: number
  readonly firstByteMs: { readonly p50: number; readonly p99: number }
  readonly totalMs: { readonly p50: number; readonly p99: number }
}

export interface Outcome {
  readonly rows: readonly Row[]
  readonly direct: readonly DirectRow[]
  /** What answered wrongly, and was not measured further. */
  readonly failures: readonly string[]
}

/** Fewer would make no median. */
const FEWEST_ROUNDS = 3
/** Turns that are thrown away: connections, caches and compilers settle. */
const WARM_UP_TURNS = 2
/** Work that is left after the last answer (settlements) is still that turn's. */
const AFTERWARDS_MS = 60

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Turn {
  readonly firstByteMs: readonly number[]
  readonly totalMs: readonly number[]
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly cpuBesideMs: number
  readonly residentBytes: number
  readonly databaseWaitsMs: readonly number[]
}

/** A subject, or nobody, and what it has done in one cell. */
interface Player {
  readonly subject: Subject | null
  readonly target: Target
  readonly body: Buffer
  readonly turns: Turn[]
}

export async function measure(
  subjects: readonly Subject[],
  direct: Target,
  plan: Plan,
  pinned: Cores | undefined,
  say: (line: string) => void,
): Promise<Outcome> {
  const rows: Row[] = []
  const directRows: DirectRow[] = []
  const failures: string[] = []
  let left = subjects
  for (const cell of plan.cells) {
    say(`measuring ${cell.size.name}, ${cell.streams} at once`)
    const { players, failed } = await playCell(left, direct, cell, plan, pinned)
    for (const { name, why } of failed) {
      failures.push(`${name}, ${cell.size.name}, ${cell.streams} at once: ${why}`)
      left = left.filter((subject) => subject.name !== name)
    }
    const reference = players.find(({ subject }) => subject === null)?.turns ?? []
    directRows.push(directRowOf(cell, reference))
    for (const { subject, turns } of players) if (subject !== null) rows.push(rowOf(subject, cell, turns, reference))
  }
  return { rows, direct: directRows, failures }
}

interface Failed {
  readonly name: string
  readonly why: string
}

async function playCell(
  subjects: readonly Subject[],
  direct: Target,
  cell: Cell,
  plan: Plan,
  pinned: Cores | undefined,
): Promise<{ readonly players: readonly Player[]; readonly failed: readonly Failed[] }> {
  const failed: Failed[] = []
  let players = [null, ...subjects].map((subject) => playerOf(subject, direct, cell))
  const takeTurns = async (round: number, counted: boolean): Promise<void> => {
    for (const player of orderOf(round, players)) {
      const turn = await playTurn(player, cell, plan)
      if (typeof turn !== 'string') {
        if (counted) player.turns.push(turn)
        continue
      }
      // Without its reference a round says nothing.
      if (player.subject === null) throw new Error(`Bedrock's simulator failed: ${turn}`)
      failed.push({ name: player.subject.name, why: turn })
      players = players.filter((other) => other !== player)
    }
  }
  for (let round = 0; round < WARM_UP_TURNS; round++) await takeTurns(round, false)
  if (pinned !== undefined) await pinAll(players, pinned)
  const untilMs = performance.now() + plan.cellMs
  for (let round = 0; round < FEWEST_ROUNDS || performance.now() < untilMs; round++) await takeTurns(round, true)
  return { players, failed }
}

const playerOf = (subject: Subject | null, direct: Target, cell: Cell): Player => ({
  subject,
  target: subject?.target ?? direct,
  body: bodyOf(cell.size.bytes, subject?.model ?? BEDROCK_MODEL),
  turns: [],
})

/** Those that were there from the start are pinned already; environments come and go. */
async function pinAll(players: readonly Player[], { subject: core }: Cores): Promise<void> {
  for (const { subject } of players) for (const pid of (await subject?.pids()) ?? []) pin(pid, String(core))
}

/** @returns what was measured, or what went wrong */
async function playTurn({ subject, target, body }: Player, cell: Cell, plan: Plan): Promise<Turn | string> {
  const pids = (await subject?.pids()) ?? []
  const beside = subject?.pidsBeside() ?? []
  await subject?.databaseWaitsMs?.()
  let before = { own: 0, beside: 0 }
  const load = { body, streams: cell.streams, forMs: plan.turnMs }
  const measured = await loadTarget(target, load, () => {
    before = { own: cpuMs(pids), beside: cpuMs(beside) }
  })
  const [failure] = measured.failures
  if (failure !== undefined) return failure
  if (subject !== null) await sleep(AFTERWARDS_MS)
  const pidsAfter = (await subject?.pids()) ?? []
  return {
    ...measured,
    cpuMs: cpuMs(pidsAfter) - before.own,
    cpuBesideMs: cpuMs(beside) - before.beside,
    residentBytes: residentBytes(pidsAfter),
    databaseWaitsMs: (await subject?.databaseWaitsMs?.()) ?? [],
  }
}

const sumOf = (turns: readonly Turn[], figure: (turn: Turn) => number): number =>
  turns.reduce((sum, turn) => sum + figure(turn), 0)

const spreadOf = (samples: readonly number[]) => ({ p50: median(samples), p99: quantile(samples, 0.99) })

function directRowOf({ size, streams }: Cell, turns: readonly Turn[]): DirectRow {
  return {
    size: size.name,
    streams,
    firstByteMs: spreadOf(turns.flatMap(({ firstByteMs }) => firstByteMs)),
    totalMs: spreadOf(turns.flatMap(({ totalMs }) => totalMs)),
  }
}

function rowOf(subject: Subject, { size, streams }: Cell, turns: readonly Turn[], reference: readonly Turn[]): Row {
  const requests = sumOf(turns, ({ totalMs }) => totalMs.length)
  const added = (figure: 'firstByteMs' | 'totalMs'): Added =>
    addedOf(turns.map((turn, round) => ({ through: turn[figure], direct: reference[round]?.[figure] ?? [] })))
  const cpu = sumOf(turns, (turn) => turn.cpuMs) / requests
  const waits = turns.flatMap(({ databaseWaitsMs }) => databaseWaitsMs)
  return {
    subject: subject.name,
    size: size.name,
    streams,
    rounds: turns.length,
    requests,
    firstByteMs: added('firstByteMs'),
    totalMs: added('totalMs'),
    requestsPerSecond: (requests / sumOf(turns, ({ elapsedMs }) => elapsedMs)) * 1000,
    cpuMs: cpu,
    cpuBesideMs: sumOf(turns, (turn) => turn.cpuBesideMs) / requests,
    requestsPerSecondPerCore: 1000 / cpu,
    residentBytes: Math.max(...turns.map((turn) => turn.residentBytes)),
    databaseWaitMs: waits.length === 0 ? null : spreadOf(waits),
  }
}
