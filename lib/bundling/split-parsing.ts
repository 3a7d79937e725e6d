/**
 * Run by the bundling of a function, behind esbuild: makes the module that reads HTML a file of its own beside the bundle, for those
 * functions that import it. It weighs as much as the rest of a function, and would be parsed at every cold start.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** As the sources write it, and esbuild leaves it where it is told that it is external. */
const IMPORT = 'import("./parsing.ts")'

const [root = '', outputDir = '', banner = ''] = process.argv.slice(2)
const bundle = join(outputDir, 'index.mjs')
const text = readFileSync(bundle, 'utf8')

if (text.includes(IMPORT)) {
  await build({
    entryPoints: [join(root, 'lambdas/web/parsing.ts')],
    outfile: join(outputDir, 'parsing.mjs'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: banner },
  })
  writeFileSync(bundle, text.replaceAll(IMPORT, 'import("./parsing.mjs")'))
}
