/**
 * `npm run bench`: this gateway and others, side by side in front of one simulated Bedrock, all on this machine. Bounded in
 * count and time; measured and never asserted. What is measured, and how it is to be read, is told in `docs/performance.md`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesize } from '../local/gateway.ts'
import { admissionTable, benchAdmission } from './admission.ts'
import { analyticsTable, benchAnalytics } from './analytics.ts'
import type { Deployment } from './children/deployment.ts'
import { type Facts, readFacts } from './facts.ts'
import { measure, type Outcome } from './measure.ts'
import { type Options, PARTS, type Part, readOptions, USAGE } from './options.ts'
import { cores, type Helper, pin, startHelper } from './processes.ts'
import { asMarkdown, asText, type Machine, type Result, withTables } from './report.ts'
import { startClaudeGateway } from './subjects/claude-gateway.ts'
import { directTarget } from './subjects/direct.ts'
import { lambdaSubject, nativeSubject, startPlainServer } from './subjects/gateway.ts'
import { startPortkey } from './subjects/portkey.ts'
import { Missing, type Subject, type Surroundings } from './subjects/subject.ts'
import { benchWeb, webTable } from './web.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RESULTS = join(ROOT, 'bench', 'results')
const PAGE = join(ROOT, 'docs', 'performance.md')

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** What is to be ended and removed, last first. */
const ending: (() => Promise<unknown> | unknown)[] = []

async function endAll(): Promise<void> {
  for (const step of ending.splice(0).reverse()) {
    try {
      await step()
    } catch (thrown) {
      say(`something could not be put away: ${(thrown as Error).message}`)
    }
  }
}

async function main(): Promise<void> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2))
  } catch (thrown) {
    say(`${(thrown as Error).message}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void endAll().then(() => process.exit(130)))
  }
  try {
    if (options.subject === 'admission') {
      process.stdout.write(`${admissionTable(await benchAdmission(options.quick, say, ending))}\n`)
      return
    }
    if (options.subject === 'analytics') {
      process.stdout.write(`${analyticsTable(await benchAnalytics(options.quick, say, ending))}\n`)
      return
    }
    if (options.subject === 'web') {
      process.stdout.write(`${webTable(await benchWeb(options.quick, say, ending))}\n`)
      return
    }
    const result = await run(options)
    process.stdout.write(`${asText(result)}\n`)
    const whole = !options.quick && result.missing.length === 0 && options.parts.size === PARTS.length
    if (whole) keep(result)
    if (result.outcome !== null && result.outcome.failures.length > 0) process.exitCode = 1
  } catch (thrown) {
    say((thrown as Error).message)
    process.exitCode = 1
  } finally {
    await endAll()
  }
}

async function run(options: Options): Promise<Result> {
  const startedMs = performance.now()
  const machine = machineOf()
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'))
  ending.push(() => rmSync(folder, { recursive: true, force: true }))
  say('building')
  const cdkOut = await synthesize(join(folder, 'cdk.out'), say)
  const facts = options.parts.has('facts') ? await toldFacts(cdkOut, options.quick) : null
  const { subjects, missing, outcome } = await load(options, cdkOut, folder)
  return {
    at: new Date().toISOString(),
    commit: commitOf(),
    quick: options.quick,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    machine,
    subjects: Object.fromEntries(subjects.map(({ name, title, version }) => [name, { title, version }])),
    missing,
    facts,
    outcome,
  }
}

function toldFacts(cdkOut: string, quick: boolean): Promise<Facts> {
  say('reading the facts of the bundle')
  return readFacts(cdkOut, quick)
}

interface Loaded {
  readonly subjects: readonly Subject[]
  readonly missing: readonly string[]
  readonly outcome: Outcome | null
}

async function load(options: Options, cdkOut: string, folder: string): Promise<Loaded> {
  const pinned = cores()
  if (pinned !== undefined) pin(process.pid, pinned.others)
  const simulator = await startHelper<{ url: string }>('simulator.ts')
  ending.push(() => simulator.stop())
  const surroundings = { bedrockUrl: simulator.ready.url, folder }
  const { subjects, missing } = await startSubjects(options, cdkOut, surroundings)
  if (subjects.length === 0) return { subjects, missing, outcome: null }
  const direct = directTarget(simulator.ready.url)
  const outcome = await measure(subjects, direct, options.plan, pinned, say)
  return { subjects, missing, outcome }
}

async function startSubjects({ parts }: Options, cdkOut: string, surroundings: Surroundings) {
  const ours = (['gateway', 'native', 'lambda'] as const).some((part) => parts.has(part))
  const deployment = ours ? await deploy(cdkOut, surroundings) : undefined
  let plain: Promise<Subject> | undefined
  const plainServer = (): Promise<Subject> => {
    if (deployment === undefined) throw new Error('there is no deployment')
    plain ??= startPlainServer(deployment, surroundings)
    return plain
  }
  const starters: Partial<Record<Part, () => Promise<Subject>>> = {
    ...(deployment && {
      gateway: plainServer,
      native: async () => nativeSubject(await plainServer(), deployment),
      lambda: async () => lambdaSubject(deployment),
    }),
    portkey: () => startPortkey(surroundings),
    'claude-gateway': () => startClaudeGateway(surroundings),
  }
  const subjects: Subject[] = []
  const missing: string[] = []
  for (const part of parts) {
    const starter = starters[part]
    if (starter === undefined) continue
    say(`starting ${part}`)
    try {
      const subject = await starter()
      ending.push(() => subject.stop())
      subjects.push(subject)
    } catch (thrown) {
      if (!(thrown instanceof Missing)) throw new Error(`${part}: ${(thrown as Error).message}`, { cause: thrown })
      say(`${part} is left out: ${thrown.message}`)
      missing.push(`${part}: ${thrown.message}`)
    }
  }
  return { subjects, missing }
}

async function deploy(cdkOut: string, { bedrockUrl, folder }: Surroundings): Promise<Helper<Deployment>> {
  say('starting the deployment')
  const deployment = await startHelper<Deployment>('deployment.ts', [cdkOut, join(folder, 'data'), bedrockUrl])
  ending.push(() => deployment.stop())
  return deployment
}

const machineOf = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  system: `${process.platform} ${release().split('-')[0]} ${process.arch}`,
  node: process.versions.node,
  pinned: cores() !== undefined,
  loadAtStart: loadavg()[0] ?? Number.NaN,
})

/** What was measured: a change that is not committed is no commit. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' and changes')
  } catch {
    return 'unknown'
  }
}

/** The newest result is the one that is kept; older ones are in the history of the repository. */
function keep(result: Result): void {
  mkdirSync(RESULTS, { recursive: true })
  for (const name of readdirSync(RESULTS)) rmSync(join(RESULTS, name))
  const name = `${result.at.slice(0, 10)}-${result.commit.split(' ')[0]}.json`
  writeFileSync(join(RESULTS, name), `${JSON.stringify(result, undefined, 2)}\n`)
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), asMarkdown(result)))
  say(`written: bench/results/${name} and docs/performance.md`)
}

await main()
