/** The lint rules of our own reach the files they are meant for: each is tried against a deliberate violation. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/repository.ts'

const NOW = 'export const now = () => Date.now()\n'
const WAITS = 'export const after = async (work: Promise<void>) => await work\n'
const ENV = 'export const region = () => process.env.AWS_REGION\n'
const FETCH = "export const get = () => fetch('https://example.com')\n"
const TIMER = 'export const later = (run: () => void) => setTimeout(run, 1)\n'
const ZOD = "import { z } from 'zod'\nexport const text = z.string()\n"

/** Where each is an error, by what of biome's finding tells it, and where it is not. */
const RULES = [
  {
    told: 'plugin',
    text: NOW,
    wrong: ['lambdas/keys/key.ts', 'lambdas/keys/a.flow.ts'],
    right: ['lambdas/keys/a.host.ts', 'local/a.ts'],
  },
  {
    told: 'plugin',
    text: WAITS,
    wrong: ['lambdas/keys/key.ts', 'contract/keys.ts'],
    right: ['lambdas/keys/a.flow.ts', 'lambdas/keys/a.store.ts'],
  },
  {
    told: 'noProcessEnv',
    text: ENV,
    wrong: ['lambdas/keys/key.ts', 'lib/stack.ts'],
    right: ['lambdas/keys/a.host.ts', 'bin/a.ts'],
  },
  {
    told: 'noRestrictedGlobals',
    text: ENV,
    wrong: ['lambdas/keys/a.client.ts'],
    right: ['lambdas/functions/control/handler.ts'],
  },
  { told: 'noRestrictedGlobals', text: FETCH, wrong: ['lambdas/keys/a.store.ts'], right: ['lambdas/keys/a.client.ts'] },
  {
    told: 'noRestrictedGlobals',
    text: TIMER,
    wrong: ['lambdas/keys/a.flow.ts', 'lambdas/keys/a.client.ts'],
    right: ['lambdas/keys/a.host.ts'],
  },
  {
    told: 'noRestrictedImports',
    text: ZOD,
    wrong: ['contract/keys.ts', 'lambdas/functions/control/env.ts'],
    right: [],
  },
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-rules-'))
  for (const path of ['biome.json', 'biome', 'package.json'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The categories of what biome finds in one file. */
function findings(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  try {
    return execFileSync(process.execPath, [biome, 'lint', '--reporter=github', path], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (failed) {
    return (failed as { stdout: string }).stdout
  } finally {
    rmSync(file)
  }
}

test.each(RULES)('$told, where it is wrong and where it is right: $text', ({ told, text, wrong, right }) => {
  for (const path of wrong) expect(`${path}: ${findings(path, text)}`).toContain(told)
  for (const path of right) expect(`${path}: ${findings(path, text)}`).not.toContain(told)
})
