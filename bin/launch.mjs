// Both commands of the README begin here: `start`, `test` and `run <file>`. It installs what the command needs, once per profile
// and lock file; brings the Node that is deployed if the machine's is another; and then is that command: same stdio, same
// signals, same exit code. It must run before anything is installed, so it is plain JavaScript without a dependency.
// Everything it says goes to stderr: stdout belongs to the command.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimes,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  installArguments,
  installedProfile,
  needsInstall,
  nodePlan,
  npmComplaint,
  npmPlaces,
  profileOf,
} from './launch-plan.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MARKER = join(ROOT, 'node_modules', '.gateway-install.json')
const NODE_FOLDER = join(ROOT, 'local', 'node')
const LOCK = join(NODE_FOLDER, 'install.lock')
/** The holder of the lock says so this often… */
const HEARTBEAT_MS = 2_000
/** …and one that has been silent for ten heartbeats is gone: its process id may be another program's by now. */
const SILENT_MS = 20_000
/** How often one who waits for the lock, or for the end of npm, looks: a person does not notice it. */
const LOOK_MS = 200

const USAGE = 'usage: node bin/launch.mjs start|test|run <file> [arguments]'
const FILES = { start: 'bin/start.ts', test: 'test/run.ts' }

class Refusal extends Error {}

const say = (line) => process.stderr.write(`${line}\n`)
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms))

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** What is to run, from the command line. */
function readCommand([command, ...rest]) {
  if (command === 'run' && rest[0]) return { profile: profileOf(command), file: resolve(rest[0]), args: rest.slice(1) }
  const file = FILES[command]
  if (!file) throw new Refusal(USAGE)
  return { profile: profileOf(command), file: join(ROOT, file), args: rest }
}

function libc() {
  if (process.platform !== 'linux') return 'none'
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/**
 * Runs a program to its end, and hands it every signal that asks us to stop: we end after it, and as it did.
 * A terminal sends Ctrl-C to both of us, so there it is not passed on a second time.
 */
function runToEnd(program, args, options) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, options)
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    const letGo = () => {
      for (const signal of signals) process.off(signal, passOn)
    }
    let output = ''
    child.stdout?.on('data', (piece) => {
      output += piece
    })
    child.stderr?.on('data', (piece) => {
      output += piece
    })
    child.on('error', (error) => {
      letGo()
      failed(error)
    })
    child.on('close', (code, signal) => {
      letGo()
      done({ code, signal, output })
    })
  })
}

/**
 * npm hands a signal to the shell it put between itself and us, and the shell dies of it without a word; npm killed outright
 * leaves the shell waiting for us. Either way somebody above us has another parent, which is the only way to notice; then
 * we end as if the signal had reached us.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = process.ppid
  const npmPid = parentOfShell(shell)
  const watch = setInterval(() => {
    if (process.ppid === shell && parentOfShell(shell) === npmPid) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK_MS)
  watch.unref()
}

/**
 * @returns the parent of a shell that runs a command (`sh -c …`); `undefined` for every other process (a shell may become
 *   what it runs, and then npm is our parent), and where there is no `/proc`
 */
function parentOfShell(pid) {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] !== '-c') return undefined
    // `12 (the name) S 11 …`; a name may hold anything, also a bracket (proc(5)).
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)
    return Number(afterName?.split(' ')[1])
  } catch {
    return undefined
  }
}

/** Ends this process the way its child ended. */
function endLike({ code, signal }) {
  if (!signal) process.exit(code ?? 1)
  process.kill(process.pid, signal)
  // Not every signal ends a process on every platform; the shell's convention is for those.
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1_000)
}

function findNpm() {
  const search = {
    execPath: process.execPath,
    npmExecPath: process.env.npm_execpath,
    path: process.env.PATH,
    platform: process.platform,
  }
  const place = npmPlaces(search).find((candidate) => existsSync(candidate))
  if (!place) throw new Refusal('npm was not found, neither beside this Node nor on PATH.')
  const program = realpathSync(place)
  return program.endsWith('.js') ? { program: process.execPath, before: [program] } : { program, before: [] }
}

async function npm(folder, args, what) {
  const { program, before } = findNpm()
  const started = Date.now()
  say(`installing ${what} (once) …`)
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }
  const end = await runToEnd(program, [...before, ...args], options)
  if (end.signal || (end.code ?? 0) > 128) throw new Refusal(`installing ${what} was interrupted.`)
  if (end.code !== 0) throw new Refusal(`installing ${what} failed: ${npmComplaint(end.output)}`)
  say(`installed ${what} in ${Math.round((Date.now() - started) / 1_000)} s`)
}

function lockHolderIsGone() {
  try {
    if (Date.now() - statSync(LOCK).mtimeMs > SILENT_MS) return true
    const pid = Number(readFileSync(join(LOCK, 'pid'), 'utf8'))
    if (pid > 0) process.kill(pid, 0)
    return false
  } catch (error) {
    // ESRCH: no such process. Anything else (no pid written yet, released meanwhile, another user's process): look again.
    return error.code === 'ESRCH'
  }
}

/** Renamed first: of several who notice, one removes it, and nobody removes the next holder's. */
function breakLock() {
  const broken = `${LOCK}.${process.pid}`
  try {
    renameSync(LOCK, broken)
    rmSync(broken, { recursive: true })
  } catch {
    // Another one was faster.
  }
}

/** @returns whether the lock is ours now */
function tryLock() {
  try {
    mkdirSync(LOCK)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new Refusal(`cannot write to ${NODE_FOLDER}: ${error.message}`)
  }
  writeFileSync(join(LOCK, 'pid'), String(process.pid))
  return true
}

/** Two starts at once must not install over one another. @returns how to let go */
async function takeLock() {
  for (let looks = 0; !tryLock(); looks++) {
    if (looks === 0) say('another start is installing; waiting for it …')
    if (lockHolderIsGone()) breakLock()
    else await sleep(LOOK_MS)
  }
  const heartbeat = setInterval(() => utimes(LOCK, new Date(), new Date(), () => {}), HEARTBEAT_MS)
  return () => {
    clearInterval(heartbeat)
    rmSync(LOCK, { recursive: true, force: true })
  }
}

function readInstall() {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  const lockHash = createHash('sha256').update(text).digest('hex')
  const marker = readJson(MARKER)
  if (marker?.lockHash === lockHash) return { lockHash, marker }
  // No word from us: perhaps a person ran npm.
  const installed = readJson(join(ROOT, 'node_modules', '.package-lock.json'))
  const profile = installed && installedProfile(JSON.parse(text), installed)
  return { lockHash, marker: profile && { profile, lockHash } }
}

async function installPackages(profile) {
  const { lockHash, marker } = readInstall()
  if (needsInstall(profile, marker, lockHash)) {
    const what = profile === 'full' ? 'what the tests need' : 'what the gateway needs'
    await npm(ROOT, installArguments(profile, marker, lockHash), what)
    // npm makes no folder where there is nothing to put into it.
    mkdirSync(dirname(MARKER), { recursive: true })
    writeFileSync(MARKER, `${JSON.stringify({ profile, lockHash })}\n`)
  }
}

/** @returns the path of the private Node, whether it is there or not */
const privateNode = (plan) => join(NODE_FOLDER, 'node_modules', plan.name, plan.binary)

function privateNodeIsThere(plan) {
  const wanted = readJson(join(NODE_FOLDER, 'package.json')).optionalDependencies[plan.name]
  const found = readJson(join(NODE_FOLDER, 'node_modules', plan.name, 'package.json'))?.version
  return found === wanted && existsSync(privateNode(plan))
}

async function installNode(plan) {
  if (plan.kind !== 'private' || privateNodeIsThere(plan)) return
  await npm(NODE_FOLDER, installArguments('start', undefined, ''), 'Node 24')
  // It is an optional dependency (each package fits one platform only), so npm fails silently when it cannot be had.
  if (!privateNodeIsThere(plan)) throw new Refusal(`the package ${plan.name} could not be installed.`)
}

async function installMissing(profile, plan) {
  const { lockHash, marker } = readInstall()
  const nodeIsThere = plan.kind !== 'private' || privateNodeIsThere(plan)
  if (nodeIsThere && !needsInstall(profile, marker, lockHash)) return
  const letGo = await takeLock()
  try {
    // One after the other: a failure is told alone, and the line that says what is being done stays true.
    await installNode(plan)
    await installPackages(profile)
  } finally {
    letGo()
  }
}

async function runCommand(plan, { file, args }) {
  if (plan.kind === 'this one') {
    process.argv = [process.execPath, file, ...args]
    await import(pathToFileURL(file).href)
    return
  }
  const node = privateNode(plan)
  // Whatever the command starts by the name of `node` is to be the same one.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
  endLike(await runToEnd(node, [file, ...args], { stdio: 'inherit', env }))
}

async function launch() {
  endWithNpm()
  const plan = nodePlan({
    version: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    libc: libc(),
  })
  if (plan.kind === 'refused') throw new Refusal(plan.reason)
  const command = readCommand(process.argv.slice(2))
  await installMissing(command.profile, plan)
  return () => runCommand(plan, command)
}

launch().then(
  // Outside the handler below: a fault of the command is the command's to tell.
  (run) => run(),
  (error) => {
    say(error instanceof Refusal ? error.message : error.stack)
    process.exitCode = 1
  },
)
