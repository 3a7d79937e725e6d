/** The import rules hold for the tree, and each of them is tried against a deliberate violation. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config'
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TREE = ['bin', 'lib', 'contract', 'lambdas', 'local', 'test', 'bench', 'frontend/src']

/** A tree of files; a package is a stub of that name, under `dependencies` unless it says otherwise. */
interface Violation {
  readonly files: Readonly<Record<string, string>>
  readonly packages?: readonly string[]
  readonly devPackages?: readonly string[]
}

const imports = (path: string): string => `import { x } from '${path}'\nexport const y = x\n`
const importsType = (path: string): string => `import type { X } from '${path}'\nexport type Y = X\n`
const X = 'export const x = 1\nexport type X = number\n'

const VIOLATIONS: Readonly<Record<string, Violation>> = {
  'every-import-is-found': { files: { 'lambdas/keys/key.ts': imports('./no-such-file.ts') } },
  'no-circles': {
    files: {
      'lambdas/keys/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
      'lambdas/keys/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n",
    },
  },
  'core-is-pure': {
    files: { 'lambdas/keys/key.ts': imports('./keys.store.ts'), 'lambdas/keys/keys.store.ts': X },
  },
  'flows-are-handed-their-tools': {
    files: { 'lambdas/keys/make-key.flow.ts': imports('./keys.store.ts'), 'lambdas/keys/keys.store.ts': X },
  },
  'routes-are-handed-their-tools': {
    files: { 'lambdas/keys/keys.routes.ts': imports('./keys.store.ts'), 'lambdas/keys/keys.store.ts': X },
  },
  'tools-do-not-call-up': {
    files: { 'lambdas/keys/keys.store.ts': imports('./make-key.flow.ts'), 'lambdas/keys/make-key.flow.ts': X },
  },
  'only-stores-touch-dynamo': {
    files: { 'lambdas/keys/keys.client.ts': imports('@aws-sdk/client-dynamodb') },
    packages: ['@aws-sdk/client-dynamodb'],
  },
  'only-clients-touch-the-network': {
    files: { 'lambdas/keys/keys.store.ts': imports('@aws-sdk/client-secrets-manager') },
    packages: ['@aws-sdk/client-secrets-manager'],
  },
  'only-identity-verifies-tokens': {
    files: { 'lambdas/keys/tokens.client.ts': imports('jose') },
    packages: ['jose'],
  },
  'only-routes-know-http': { files: { 'lambdas/http/reply.host.ts': imports('hono') }, packages: ['hono'] },
  'hosts-know-no-concept': {
    files: { 'lambdas/http/streaming.host.ts': importsType('../keys/key.ts'), 'lambdas/keys/key.ts': X },
  },
  'parts-are-private': {
    files: { 'lambdas/spend/usage.ts': importsType('../keys/parts/hash.ts'), 'lambdas/keys/parts/hash.ts': X },
  },
  'nobody-imports-a-function': {
    files: {
      'lambdas/keys/keys.store.ts': imports('../functions/control/env.ts'),
      'lambdas/functions/control/env.ts': X,
    },
  },
  'functions-do-not-meet': {
    files: {
      'lambdas/functions/watch/app.ts': importsType('../control/app.ts'),
      'lambdas/functions/control/app.ts': X,
    },
  },
  'platform-is-the-floor': {
    files: { 'lambdas/platform/money.ts': importsType('../keys/key.ts'), 'lambdas/keys/key.ts': X },
  },
  'contract-knows-nobody': {
    files: { 'contract/keys.ts': importsType('../lambdas/keys/key.ts'), 'lambdas/keys/key.ts': X },
  },
  'portal-sees-only-the-contract': {
    files: { 'frontend/src/api/keys.ts': importsType('../../../lambdas/keys/key.ts'), 'lambdas/keys/key.ts': X },
  },
  'portal-takes-types-of-the-contract': {
    files: { 'frontend/src/api/keys.ts': imports('../../../contract/keys.ts'), 'contract/keys.ts': X },
  },
  'features-do-not-meet': {
    files: { 'frontend/src/features/keys/a.ts': imports('../teams/b.ts'), 'frontend/src/features/teams/b.ts': X },
  },
  'ui-is-a-kit': { files: { 'frontend/src/ui/button.ts': imports('../api/keys.ts'), 'frontend/src/api/keys.ts': X } },
  'infrastructure-reads-only-environments': {
    files: { 'lib/gateway-stack.ts': importsType('../lambdas/keys/key.ts'), 'lambdas/keys/key.ts': X },
  },
  'infrastructure-runs-no-lambda-code': {
    files: {
      'lib/gateway-stack.ts': imports('../lambdas/functions/control/env.ts'),
      'lambdas/functions/control/env.ts': X,
    },
  },
  'no-cdk-at-run-time': { files: { 'local/deploy/tables.ts': imports('aws-cdk-lib') }, packages: ['aws-cdk-lib'] },
  'no-rehearsal-on-stage': {
    files: { 'lambdas/bedrock/invoke.client.ts': imports('../../local/bedrock.ts'), 'local/bedrock.ts': X },
  },
  'nothing-runs-on-tests': { files: { 'local/gateway.ts': imports('../test/support.ts'), 'test/support.ts': X } },
  'nothing-runs-on-development-packages': {
    files: { 'local/gateway.ts': imports('fast-check') },
    devPackages: ['fast-check'],
  },
}

/** Beside each other with the violations, in one tree: what the rules are not to forbid. */
const ALLOWED: Violation = {
  files: {
    'lambdas/platform/money.ts': X,
    'lambdas/keys/key.ts': `import { createHash } from 'node:crypto'\nimport * as z from 'zod/mini'\nimport { x } from '../platform/money.ts'\nimport { c } from '../../contract/keys.ts'\nexport const y = [x, c, z, createHash]\nexport type X = number\n`,
    'lambdas/keys/frames.ts': imports('@smithy/eventstream-codec'),
    'lambdas/keys/keys.store.ts': `import { x } from '@aws-sdk/client-dynamodb'\nimport { y } from './key.ts'\nexport const z = [x, y]\n${X}`,
    'lambdas/keys/make-key.flow.ts': `import type { X } from './keys.store.ts'\nexport type Y = X\n${X}`,
    'lambdas/keys/keys.routes.ts': `import { x } from 'hono'\nimport { x as flow } from './make-key.flow.ts'\nexport const y = [x, flow]\n`,
    'lambdas/http/streaming.host.ts': imports('../platform/money.ts'),
    'lambdas/identity/tokens.client.ts': imports('jose'),
    'lambdas/functions/control/env.ts': X,
    'lambdas/functions/control/services.ts': imports('../../keys/keys.store.ts'),
    'lib/gateway-stack.ts': `import type { X } from '../lambdas/functions/control/env.ts'\nimport { x } from 'aws-cdk-lib'\nexport const y: X = x\n`,
    'bin/start.ts': imports('../local/gateway.ts'),
    'local/gateway.ts': `import type { X } from 'fast-check'\nexport type Y = X\n${X}`,
    'test/gateway.test.ts': `import { y } from '../lambdas/functions/control/services.ts'\nimport { x } from 'fast-check'\nexport const z = [x, y]\n`,
    'contract/keys.ts': "import * as z from 'zod'\nexport const c = z\nexport type X = number\n",
    'frontend/src/api/keys.ts': importsType('../../../contract/keys.ts'),
    'frontend/src/features/keys/keys-page.ts': imports('../../ui/button.ts'),
    'frontend/src/ui/button.ts': X,
  },
  packages: ['@aws-sdk/client-dynamodb', '@smithy/eventstream-codec', 'aws-cdk-lib', 'hono', 'jose', 'zod'],
  devPackages: ['fast-check'],
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function layOut({ files, packages = [], devPackages = [] }: Violation): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'))
  folders.push(folder)
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']))
  const manifest = { type: 'module', dependencies: versions(packages), devDependencies: versions(devPackages) }
  write(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const name of [...packages, ...devPackages]) {
    const own = join(folder, 'node_modules', name)
    const exports = { '.': './index.js', './mini': './index.js' }
    write(join(own, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports }))
    write(join(own, 'index.js'), 'export const x = 1\n')
  }
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text)
  return folder
}

const { forbidden = [], options = {} } = await extractConfig(join(ROOT, '.dependency-cruiser.mjs'))
const tsConfig = extractTsConfig(join(ROOT, 'tsconfig.json'))

async function summaryOf(folder: string, roots: string[]): Promise<ICruiseResult['summary']> {
  const { tsConfig: _, enhancedResolveOptions: resolveOptions, ...rest } = options
  const cruiseOptions: ICruiseOptions = { ...rest, ruleSet: { forbidden }, validate: true, baseDir: folder }
  const { output } = await cruise(roots, cruiseOptions, resolveOptions, { tsConfig })
  if (typeof output === 'string') throw new Error(output)
  return output.summary
}

const broken = (summary: ICruiseResult['summary']): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)

describe('each import rule catches its violation', () => {
  test.each(forbidden.map(({ name }) => name ?? 'a rule without a name'))('%s', async (name) => {
    const violation = VIOLATIONS[name]
    if (violation === undefined) throw new Error(`the rule ${name} has no violation to be tried against`)
    const roots = [...new Set(Object.keys(violation.files).map((path) => path.split('/')[0] ?? ''))]
    const summary = await summaryOf(layOut(violation), roots)
    expect(summary.violations.map(({ rule }) => rule.name)).toContain(name)
  })

  test('no violation is kept for a rule that is gone', () => {
    expect(Object.keys(VIOLATIONS).sort()).toEqual(forbidden.map(({ name }) => name).sort())
  })
})

test('the import rules do not forbid what the style asks for', async () => {
  const summary = await summaryOf(layOut(ALLOWED), ['bin', 'lib', 'contract', 'lambdas', 'local', 'test', 'frontend'])
  expect(broken(summary)).toEqual([])
  expect(summary.totalCruised).toBeGreaterThanOrEqual(Object.keys(ALLOWED.files).length)
})

test('the tree keeps the import rules', async () => {
  const summary = await summaryOf(ROOT.replace(/[/\\]$/, ''), TREE)
  expect(broken(summary)).toEqual([])
  // With a TypeScript that the tool does not know it cruises nothing and is content.
  expect(summary.totalCruised).toBeGreaterThan(100)
  expect(summary.totalDependenciesCruised).toBeGreaterThan(300)
})
