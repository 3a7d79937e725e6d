/**
 * A program in a terminal, as a person sees it. Node has no pseudo terminal of its own; the `script` of util-linux makes one,
 * and is on practically every Linux.
 */
import { execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** macOS and the BSDs have a `script` that takes other arguments. */
export const hasTerminals = ((): boolean => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      'util-linux',
    )
  } catch {
    return false
  }
})()

export interface Terminal {
  type(keys: string): void
  /** Everything shown so far, without blanks: a screen is drawn with movements of the cursor, not with spaces. */
  shown(): string
  /** Any of them: what stood there before is not drawn again, so a word may come without a letter. @throws Error when none comes, with what was there instead */
  until(...texts: readonly string[]): Promise<void>
  close(): Promise<void>
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;?<>=]*[A-Za-z]|\\][^\\x07]*\\x07|[78=>])`, 'g')
const withoutBlanks = (text: string): string => text.replaceAll(/\s/g, '')

/** How often the screen is looked at. */
const LOOK_MS = 50
/** Only what hangs takes longer. */
const PATIENCE_MS = 60_000

export function openTerminal(
  program: string,
  args: readonly string[],
  home: string,
  variables: Readonly<Record<string, string>>,
): Terminal {
  // Large enough that lists need no scrolling.
  const command = `stty rows 60 cols 160; exec '${[program, ...args].join("' '")}'`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm-256color', SHELL: '/bin/sh', ...variables },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let output = ''
  for (const pipe of [child.stdout, child.stderr])
    pipe.on('data', (piece: Buffer) => {
      output += piece.toString()
    })
  const shown = (): string => withoutBlanks(output.replaceAll(ESCAPES, ''))
  return {
    type: (keys) => void child.stdin.write(keys),
    shown,
    async until(...texts) {
      const wanted = texts.map(withoutBlanks)
      for (let waited = 0; !wanted.some((text) => shown().includes(text)); waited += LOOK_MS) {
        if (waited > PATIENCE_MS || child.exitCode !== null)
          throw new Error(`"${texts.join('", "')}" was not shown, but: ${shown().slice(-2000)}`)
        await sleep(LOOK_MS)
      }
    },
    async close() {
      // Its terminal gone, the program is told to hang up.
      child.kill('SIGKILL')
      await ended
    },
  }
}
