/** A PostgreSQL of this run alone: a cluster in a folder of its own, on a free port of this machine. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { freePort } from '../../local/free-port.ts'
import { type Running, start } from '../processes.ts'
import { Missing } from './subject.ts'

/** @returns the folder of its programs: the newest of Debian's, else what is on the PATH. */
export function findPostgres(): string | undefined {
  const versionOf = (folder: string): number => Number(/postgresql\/(\d+)/.exec(folder)?.[1] ?? 0)
  const debian = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => versionOf(b) - versionOf(a))
  const onPath = (process.env.PATH ?? '').split(delimiter)
  return [...debian, ...onPath].find((folder) =>
    ['initdb', 'postgres', 'psql'].every((program) => existsSync(join(folder, program))),
  )
}

interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to be root. @throws Missing */
function accountForIt(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Missing('PostgreSQL does not run as root, and there is neither an account postgres nor nobody')
}

const LONGEST_START_MS = 20_000
const LOOK_MS = 100

/** @param folder Where its own folder is made. */
export async function startPostgres(programs: string, folder: string): Promise<Running & { readonly url: string }> {
  const account = accountForIt()
  const home = join(folder, 'postgres')
  const data = join(home, 'data')
  mkdirSync(home, { mode: 0o700 })
  if (account !== undefined) {
    // It has to pass through the folder of the run to reach its own.
    chmodSync(dirname(home), 0o711)
    chownSync(home, account.uid, account.gid)
  }
  const options = { ...account, cwd: home, env: { PATH: process.env.PATH, HOME: home, LC_ALL: 'C' } }
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'], {
    ...options,
    encoding: 'utf8',
  })
  if (made.status !== 0)
    throw new Missing(`initdb fails: ${made.error?.message ?? made.stderr.trim().split('\n').at(-1)}`)
  const port = await freePort()
  const log = openSync(join(folder, 'postgres.log'), 'w')
  const settings = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', home]
  const server = start(join(programs, 'postgres'), settings, { ...options, stdio: ['ignore', log, log] })
  const url = `postgres://bench@127.0.0.1:${port}/postgres`
  const endMs = performance.now() + LONGEST_START_MS
  const answers = (): boolean => spawnSync(join(programs, 'psql'), [url, '-c', 'select 1'], options).status === 0
  while (!answers()) {
    if (server.exitCode !== null || performance.now() > endMs) {
      await server.stop()
      throw new Error('PostgreSQL does not answer')
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return {
    url,
    pid: server.pid,
    // Its fast shutdown: open connections are ended.
    stop: async () => {
      server.kill('SIGINT')
      await server.stop()
    },
  }
}
