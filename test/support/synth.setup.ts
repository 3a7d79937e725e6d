/** Synthesizes the stack once for all tests of a run that look at it or run what it bundles: `inject('cdkOut')`. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { ROOT } from './repository.ts'

/** As `npm start` does it, but under Node itself: the module loader of vitest's main process lacks `import.meta.resolve`. */
const SYNTHESIZE = `
  import { synthesize } from './local/gateway.ts'
  await synthesize(process.argv[1], (line) => process.stderr.write(line + '\\n'))
`

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-synth-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const cdkOut = join(folder, 'cdk.out')
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SYNTHESIZE, cdkOut], { cwd: ROOT })
  } catch (thrown) {
    remove()
    throw thrown
  }
  project.provide('cdkOut', cdkOut)
  return remove
}
