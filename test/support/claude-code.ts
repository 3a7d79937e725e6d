/** The real Claude Code, and whatever else somebody runs in their home, with nothing of this process's environment but the path. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The path that CLAUDE_CODE names, which `test/run.ts` makes of a version; `undefined` where none is published for this platform. */
export const claudeCode = process.env.CLAUDE_CODE ?? programOf()

function programOf(): string | undefined {
  try {
    const folder = dirname(
      require.resolve(`@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`),
    )
    const program = join(folder, process.platform === 'win32' ? 'claude.exe' : 'claude')
    return existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

export interface Told {
  readonly code: number | null
  readonly stdout: string
  /** Lines of stdout that are JSON objects. */
  readonly events: readonly Record<string, unknown>[]
}

export const run = (
  path: string,
  args: readonly string[],
  home: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Told> =>
  new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: home, ...variables },
    })
    let stdout = ''
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString()
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
      resolve({ code, stdout, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) })
    })
  })

export const askClaude = (
  home: string,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Told> =>
  run(claudeCode ?? '', ['-p', ...args, '--output-format', 'stream-json', '--verbose'], home, {
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ...variables,
  })

export const resultOf = (told: Told): Record<string, unknown> | undefined =>
  told.events.findLast((event) => event.type === 'result')
