/**
 * Run by the bundling of a function, behind esbuild: makes what it loads on demand files of their own beside the bundle. Every byte of a
 * bundle is parsed at each cold start, and what is in it at all is bundled less tightly where it may be loaded late.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ALIASES, EXTERNAL, REQUIRE_BANNER, SPLIT } from './bundle.ts'

const [root = '', outputDir = ''] = process.argv.slice(2)
const alias = Object.fromEntries(Object.entries(ALIASES).map(([name, path]) => [name, join(root, path)]))

/** @param file Beside the bundle, or the bundle: what it imports on demand is made, and called by its name. */
async function split(file: string): Promise<void> {
  let text = readFileSync(join(outputDir, file), 'utf8')
  for (const [name, path] of Object.entries(SPLIT)) {
    // As the sources write it, and esbuild leaves it where it is told that it is external.
    const written = `import("./${name}.ts")`
    if (!text.includes(written)) continue
    text = text.replaceAll(written, `import("./${name}.mjs")`)
    await build({
      entryPoints: [join(root, path)],
      outfile: join(outputDir, `${name}.mjs`),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      external: EXTERNAL,
      alias,
      banner: { js: REQUIRE_BANNER },
    })
    await split(`${name}.mjs`)
  }
  writeFileSync(join(outputDir, file), text)
}

await split('index.mjs')
