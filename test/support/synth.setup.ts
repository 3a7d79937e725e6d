/** Synthesizes the stack once for all tests of a run that look at it or run what it bundles: `inject('cdkOut')`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { synthesize } from '../../local/gateway.ts'

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-synth-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    project.provide('cdkOut', await synthesize(join(folder, 'cdk.out'), (line) => process.stderr.write(`${line}\n`)))
  } catch (thrown) {
    remove()
    throw thrown
  }
  return remove
}
