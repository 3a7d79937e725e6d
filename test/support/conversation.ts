/** A Claude Code that stays between two turns, as it does for a person, but told by lines of JSON. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { claudeCode } from './claude-code.ts'
import type { Person, Question } from './person.ts'

/** Claude Code that stays and is told one thing after the other. @returns what it said, as events */
export async function conversation(
  me: Person,
  { args = [], variables = {} }: Question,
  talk: (say: (text: string) => Promise<void>) => Promise<void>,
): Promise<readonly Record<string, unknown>[]> {
  const formats = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose']
  const child = spawn(claudeCode ?? '', ['-p', ...formats, ...args], {
    cwd: me.home,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      HOME: me.home,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...me.variables,
      ...variables,
    },
  })
  const said: Record<string, unknown>[] = []
  const lines = createInterface({ input: child.stdout })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const say = async (text: string): Promise<void> => {
    const answered = new Promise<void>((resolve) => {
      const listen = (line: string): void => {
        if (!line.includes('"type":"result"')) return
        lines.off('line', listen)
        resolve()
      }
      lines.on('line', listen)
    })
    child.stdin.write(`${JSON.stringify({ type: 'user', message: { role: 'user', content: text } })}\n`)
    await Promise.race([answered, ended])
  }
  lines.on('line', (line) => line.startsWith('{') && said.push(JSON.parse(line)))
  await talk(say)
  child.stdin.end()
  await ended
  return said
}
