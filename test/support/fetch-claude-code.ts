/** Another Claude Code than the installed one, for the tests that run it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

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
  // On Windows npm is a script, which only a shell runs.
  execFileSync('npm', args, { shell: process.platform === 'win32', stdio: ['ignore', 'inherit', 'inherit'] })
}
