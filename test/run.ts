/**
 * `npm test`: everything that is checked, in the order in which a mistake is cheapest to find; the last line says how much was.
 * `npm test -- <filter>` runs the tests whose path matches, without the static checks; `npm run test:slow` those that wait
 * for real. `CLAUDE_CODE` is the Claude Code to run them with: a path, a version or `newest`; without it, the installed one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Counts, closingLines, countsOf, type VitestReport } from './support/counts.ts'
import { fetchClaudeCode } from './support/fetch-claude-code.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface StaticCheck {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
}

/** All at once, told in this order. Types first: a file that does not compile makes the others talk nonsense. */
const STATIC_CHECKS: readonly StaticCheck[] = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'types of the portal', program: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'frontend'] },
  {
    name: 'lint and format',
    program: '@biomejs/biome/bin/biome',
    args: ['ci', '--error-on-warnings', '--colors=off', '.'],
  },
  { name: 'unused code', program: 'knip/bin/knip.js', args: ['--no-config-hints'] },
]

interface Ended {
  readonly ok: boolean
  readonly output: string
}

const running = new Set<ChildProcess>()
let asked: NodeJS.Signals | undefined

/** Each child leads a process group, so that nothing that was started by it, or by its children, outlives it. */
function runToEnd(program: string, args: readonly string[], output: 'shown' | 'kept'): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
      cwd: ROOT,
      detached: process.platform !== 'win32',
      env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', output === 'shown' ? 'inherit' : 'pipe', output === 'shown' ? 'inherit' : 'pipe'],
    })
    running.add(child)
    const kept: Buffer[] = []
    for (const pipe of [child.stdout, child.stderr]) pipe?.on('data', (piece: Buffer) => kept.push(piece))
    child.on('error', failed)
    child.on('exit', () => signalGroup(child, 'SIGKILL'))
    child.on('close', (code) => {
      running.delete(child)
      done({ ok: code === 0, output: Buffer.concat(kept).toString().trim() })
    })
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // It has ended, and everything with it.
  }
}

/** How long vitest may take to end its workers before it is ended with them. */
const PATIENCE_MS = 10_000

function endWithSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked ??= signal
      for (const child of running) {
        signalGroup(child, signal)
        setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS).unref()
      }
    })
  }
}

async function runStaticChecks(): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  // Each of them uses one core most of the time, and none needs what another makes.
  const checks = STATIC_CHECKS.map(({ name, program, args }) => ({ name, ended: runToEnd(program, args, 'kept') }))
  for (const { name, ended } of checks) {
    const { ok, output } = await ended
    if (asked !== undefined) break
    console.log(`${ok ? 'passed' : 'FAILED'}  ${name}`)
    if (!ok) console.log(`\n${output}\n`)
    counts[ok ? 'passed' : 'failed'] += 1
  }
  return counts
}

async function runVitest(projects: readonly string[], filters: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-tests-'))
  const reportFile = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    const chosen = projects.map((project) => `--project=${project}`)
    const args = ['run', '--silent=passed-only', ...reporters, ...chosen, ...filters]
    const { ok } = await runToEnd('vitest/vitest.mjs', args, 'shown')
    return countsOf(ok, readReport(reportFile))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    // vitest ended before it could write one; that counts as a failure.
    return undefined
  }
}

const SLOW = '--slow'

async function main(): Promise<void> {
  endWithSignals()
  const asks = process.argv.slice(2)
  const isSlow = asks.includes(SLOW)
  const filters = asks.filter((one) => one !== SLOW)
  const claudeCode = fetchClaudeCode(process.env.CLAUDE_CODE)
  if (claudeCode !== undefined) process.env.CLAUDE_CODE = claudeCode.program
  const all: Counts[] = []
  if (filters.length === 0 && !isSlow) all.push(await runStaticChecks())
  if (asked === undefined) all.push(await runVitest(isSlow ? ['slow'] : ['unit', 'deployed'], filters))
  claudeCode?.remove()
  if (asked !== undefined) all.push({ passed: 0, failed: 1, skipped: 0 })
  const { lines, ok } = closingLines(all)
  console.log(lines.join('\n'))
  process.exitCode = ok ? 0 : 1
}

await main()
