/** The processes of the bench: each is ended by its id, whatever ends the bench; what each used is read from /proc (Linux). */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

export interface Running {
  readonly pid: number
  /** Asks it to end, and after a while no longer asks. */
  stop(): Promise<void>
}

/** How long a process may take to end by itself. */
const PATIENCE_MS = 5_000

export function start(program: string, args: readonly string[], options: SpawnOptions): Running & ChildProcess {
  const child = spawn(program, args, options)
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.on('exit', killAtExit)
  const ended = new Promise<void>((resolve) => {
    const done = (): void => {
      process.off('exit', killAtExit)
      resolve()
    }
    child.once('exit', done)
    child.once('error', done)
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const kill = setTimeout(killAtExit, PATIENCE_MS)
    await ended
    clearTimeout(kill)
  }
  return Object.assign(child, { stop }) as Running & ChildProcess
}

export interface Helper<Ready> {
  readonly pid: number
  readonly ready: Ready
  /** Puts a question to it and waits for the answer. */
  ask<T>(question: string): Promise<T>
  stop(): Promise<void>
}

/** A part of the bench in a process of its own, so that its work is not counted as somebody else's. @param file In `bench/children/`. */
export async function startHelper<Ready>(file: string, args: readonly string[] = []): Promise<Helper<Ready>> {
  const path = new URL(`./children/${file}`, import.meta.url).pathname
  const child = start(process.execPath, [path, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const answer = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`bench/children/${file} ended`))
      child.once('exit', ended)
      child.once('message', (message) => {
        child.off('exit', ended)
        resolve(message as T)
      })
    })
  const ready = await answer<Ready>()
  return {
    pid: child.pid,
    ready,
    ask: (question) => {
      const answered = answer<never>()
      child.send(question)
      return answered
    },
    stop: () => child.stop(),
  }
}

const LOOK_MS = 50

/** @throws Error when it does not answer in time, or has ended. */
export async function untilItAnswers(url: string, child: ChildProcess, longestMs: number): Promise<void> {
  const patience = AbortSignal.timeout(longestMs)
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended as soon as it was started')
    try {
      const answer = await fetch(url, { signal: patience })
      await answer.arrayBuffer()
      if (answer.status < 500) return
    } catch {
      if (patience.aborted) throw new Error(`it did not answer within ${longestMs / 1000} s`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** proc_pid_stat(5): in clock ticks, of which Linux tells 100 a second on every architecture. */
const TICK_MS = 10

/** User and system time of a process and of the children it has waited for, in ms; 0 once it has ended. */
function cpuMsOf(pid: number): number {
  try {
    // The name, in brackets, may hold anything; the fields after it are numbered from 3.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [14, 15, 16, 17].reduce((sum, field) => sum + Number(fields[field - 3]), 0) * TICK_MS
  } catch {
    return 0
  }
}

export const cpuMs = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0)

/** Resident memory now, in bytes. Source: proc_pid_status(5), `VmRSS`, in KiB. */
function residentBytesOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

export const residentBytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0)

/** A process and everything it has started. */
export function familyOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return [pid, ...children.flatMap((child) => familyOf(Number(child)))]
  } catch {
    return []
  }
}

export interface Cores {
  /** Of what is measured: one at a time works there, alone. */
  readonly subject: number
  readonly others: string
}

/** `undefined` where the machine has one core, or no `taskset`: then everybody runs everywhere. */
export function cores(): Cores | undefined {
  const count = availableParallelism()
  if (count < 2 || spawnSync('taskset', ['--version']).status !== 0) return undefined
  return { subject: count - 1, others: count === 2 ? '0' : `0-${count - 2}` }
}

/** All threads, now; what the process starts later follows it. */
export function pin(pid: number, cpus: string): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cpus, String(pid)])
}
