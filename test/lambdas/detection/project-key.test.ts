import { expect, test } from 'vitest'
import { projectKeyOf } from '../../../lambdas/detection/project-key.ts'

const ENVIRONMENT =
  '# Environment\nYou are here:\n - Primary working directory: /home/me/work/api\n - Is a git repository: no\n'

test.each<[string, Record<string, unknown>]>([
  ['a system prompt', { system: ENVIRONMENT }],
  [
    'a block of a system prompt',
    {
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2;' },
        { type: 'text', text: ENVIRONMENT },
      ],
    },
  ],
  [
    'the system message after the first of the person, as newer clients send it',
    {
      system: [{ type: 'text', text: 'You are an agent.' }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        { role: 'system', content: [{ type: 'text', text: ENVIRONMENT }] },
      ],
    },
  ],
  [
    'the same as a plain string, as later turns have it',
    {
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'system', content: ENVIRONMENT },
      ],
    },
  ],
  [
    'a reminder within the first message of the person, as older models have it',
    {
      system: 'You are an agent.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: `<system-reminder>\n${ENVIRONMENT}</system-reminder>` },
            { type: 'text', text: 'hi' },
          ],
        },
      ],
    },
  ],
])('D1: the project is read from %s', (_name, body) => {
  expect(projectKeyOf(body)).toBe('work/api')
})

test.each([
  ['Primary working directory: /srv', 'srv'],
  ['Primary working directory: C:\\Users\\me\\shop', 'me/shop'],
  ['\t- Primary working directory: /a/b/c/', 'b/c'],
  ['Primary working directory: /a/確/🎉', '確/🎉'],
])('D1: %j is the project %s', (line, key) => {
  expect(projectKeyOf({ system: `Hello.\n${line}\nBye.` })).toBe(key)
  expect(projectKeyOf({ system: line })).toBe(key)
})

test.each<[string, Record<string, unknown>]>([
  ['nothing tells it', { system: 'You are an agent.', messages: [{ role: 'user', content: 'hi' }] }],
  ['there is no system prompt', {}],
  ['it stands within a line', { system: 'The Primary working directory: /a/b' }],
  ['it stands far behind in a line', { system: `Hello${' '.repeat(30)}Primary working directory: /a/b` }],
  ['the person says it', { messages: [{ role: 'user', content: ENVIRONMENT }] }],
  [
    'it stands in a reminder of a later turn',
    {
      messages: [
        ...Array.from({ length: 3 }, () => ({ role: 'user', content: 'hi' })),
        { role: 'user', content: `<system-reminder>\n${ENVIRONMENT}` },
      ],
    },
  ],
  ['it is empty', { system: 'Primary working directory: \n' }],
  ['it is a credential', { system: `Primary working directory: /a/sk-ant-${'a1'.repeat(20)}` }],
  ['it is the root', { system: 'Primary working directory: /' }],
])('D1: there is no project where %s', (_name, body) => {
  expect(projectKeyOf(body)).toBeNull()
})

test.each([`/${'🎉'.repeat(400)}/x${'🎉'.repeat(400)}`, `/x${'🎉'.repeat(99)}/y`, '/a/half a character \ud83c'])(
  'a project’s name is cut to what a row can hold, and holds whole characters: %j',
  (folder) => {
    const key = projectKeyOf({ system: `Primary working directory: ${folder}` }) ?? ''
    expect(key.length).toBeGreaterThan(0)
    expect(key.length).toBeLessThanOrEqual(100)
    expect(key.isWellFormed()).toBe(true)
  },
)
