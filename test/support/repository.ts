/** The files of this repository, for tests of what is written: those that git knows or would add, or all where git is not. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Made, not written. */
const MADE = new Set(['.git', '.local', 'cdk.out', 'coverage', 'dist', 'node_modules'])

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (MADE.has(entry.name)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

function asGitSees(): string[] | undefined {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\0')
  } catch {
    return undefined
  }
}

/** Paths from the root, with `/` between. */
export function repositoryFiles(): readonly string[] {
  return (asGitSees() ?? walk('')).filter((path) => path !== '' && existsSync(join(ROOT, path)))
}
