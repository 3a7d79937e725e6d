/** Another Claude Code than the installed one, for the tests that run it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { npmPlaces } from '../../bin/launch-plan.mjs.mts'

export interface FetchedClaudeCode {
  /** Absolute path. */
  readonly program: string
  remove(): void
}

/** @param wish A path, a version of the npm registry, or `newest`. @throws Error of npm where there is no such version */
export function fetchClaudeCode(wish: string | undefined): FetchedClaudeCode | undefined {
  if (wish === undefined || wish === '') return undefined
  if (isAbsolute(wish) || existsSync(wish)) return { program: resolve(wish), remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'claude-code-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  // Each platform has its own package, which holds one program.
  const name = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  try {
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    npm(['install', '--prefix', folder, ...options, `${name}@${wish === 'newest' ? 'latest' : wish}`])
  } catch (thrown) {
    remove()
    throw thrown
  }
  return { program: join(folder, 'node_modules', name, process.platform === 'win32' ? 'claude.exe' : 'claude'), remove }
}

function npm(args: readonly string[]): void {
  const { execPath, platform, env } = process
  const places = npmPlaces({ execPath, npmExecPath: env.npm_execpath, path: env.PATH, platform })
  const place = places.find((candidate) => existsSync(candidate))
  if (place === undefined) throw new Error('npm was not found, neither beside this Node nor on PATH')
  const program = realpathSync(place)
  const run: [string, string[]] = program.endsWith('.js') ? [execPath, [program, ...args]] : [program, [...args]]
  execFileSync(...run, { stdio: ['ignore', 'inherit', 'inherit'] })
}
