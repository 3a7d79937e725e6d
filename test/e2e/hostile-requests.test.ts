/** Requests that nobody sends by accident: each gets an answer of ours, and none is a bug, a bill or another's trouble. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
let key: string
beforeAll(async () => {
  gateway = await deploy({ bedrock: { keepBodies: true } })
  key = (await gateway.makeKey()).key
})
afterAll(() => gateway?.stop())

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Bytes as they are, and headers that `fetch` would not send. */
function send(path: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(gateway.messagesUrl)
    const call = request(
      {
        host: url.hostname,
        port: url.port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(parts).toString(),
          }),
        )
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

const asked = (more: object = {}) => ({
  model: 'claude-opus-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
  ...more,
})
const json = (more: object = {}): string => JSON.stringify(asked(more))
const bugs = () => gateway.logged.filter((line) => line.includes('"event":"bug"')).length
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/'

describe('is refused in words of ours', () => {
  test.each<[string, string | Uint8Array, number, string]>([
    ['nothing', '', 400, 'body: not valid JSON'],
    ['a byte order mark', `\ufeff${json()}`, 400, 'body: not valid JSON'],
    ['a raw NUL', json().replace('Hi', '\0'), 400, 'body: not valid JSON'],
    ['a list', '[]', 400, 'body: must be a JSON object'],
    ['stream: "yes"', json({ stream: 'yes' }), 400, 'stream: '],
    ['max_tokens: 1e999', json().replace('100', '1e999'), 400, 'max_tokens: '],
    ['max_tokens: -1', json({ max_tokens: -1 }), 400, 'max_tokens: '],
    ['a model of a megabyte', json({ model: `claude-${'x'.repeat(1e6)}` }), 400, 'is not served here'],
    ['a mark of a megabyte', json({ model: `claude-opus-5-5[${'x'.repeat(1e6)}]` }), 400, 'is not served here'],
    ['an ARN of a megabyte', json({ model: `${ARN}${'x'.repeat(1e6)}` }), 400, 'is not served here'],
    ['an ARN of 1,500 letters', json({ model: `${ARN}${'x'.repeat(1500)}` }), 400, 'is not served here'],
    ['an ARN with half a character', json({ model: `${ARN}\ud800` }), 400, 'is not served here'],
    ['somebody else’s ARN', json({ model: `${ARN}abcdefghijkl` }), 400, 'is not served here'],
    ['a model that is a path', json({ model: '../claude-opus-5-5' }), 400, 'is not served here'],
    ['another vendor’s model', json({ model: 'us.amazon.nova-pro-v1:0' }), 400, 'is not served here'],
    ['capitals', json({ model: 'Claude-Opus-5-5' }), 400, 'is not served here'],
    ['__proto__', '{"__proto__":{"model":"claude-opus-5-5","messages":[]}}', 400, 'model: '],
    [
      'the last of two models',
      json()
        .replace('{', '{"model":"claude-opus-5-5",')
        .replace(/claude-opus-5-5(?=","max)/, 'gpt'),
      400,
      'is not served here',
    ],
  ])('%s', async (_what, body, status, words) => {
    const before = bugs()
    const answer = await send('/v1/messages', body)
    expect([answer.status, answer.text, bugs()]).toEqual([status, expect.stringContaining(words), before])
    expect(answer.headers['request-id']).toMatch(/^req_/)
  })
})

describe('is answered', () => {
  test.each<[string, string | Uint8Array, Record<string, string>]>([
    [
      'deep nesting',
      json().replace('"Hi"', `[{"type":"text","text":"Hi","x":${'['.repeat(1e5)}${']'.repeat(1e5)}}]`),
      {},
    ],
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from(json().split('Hi')[0] ?? ''),
        Buffer.of(0xff, 0xc0),
        Buffer.from(json().split('Hi')[1] ?? ''),
      ]),
      {},
    ],
    ['half a character, escaped', json().replace('Hi', '\\ud800'), {}],
    ['a session of half characters', json({ metadata: { user_id: 'x\ud800' } }), {}],
    ['a session with NUL', json({ metadata: { user_id: 'x\0y' } }), {}],
    [
      'latin letters in headers',
      json(),
      {
        'x-claude-code-session-id': 'sitzung-\xfc',
        'anthropic-beta': 'f\xfcr-2026-01-01',
        'anthropic-version': '2023-06-01\xfc',
      },
    ],
    [
      'two million numbers as messages’ content',
      json({ messages: [{ role: 'user', content: 'Hi' }] }).replace(
        '"Hi"',
        `[{"type":"text","text":"Hi","x":[${'0,'.repeat(2e6)}0]}]`,
      ),
      {},
    ],
  ])('%s', async (_what, body, headers) => {
    const before = bugs()
    const answer = await send('/v1/messages', body, headers)
    expect([answer.status, bugs(), answer.text]).toEqual([200, before, expect.stringContaining('"end_turn"')])
  })
})

describe('of a body as large as it may be', () => {
  const LARGE = 5_800_000
  const listOf = (one: string): string => `[${`${one},`.repeat(Math.floor((LARGE - 2) / (one.length + 1)))}${one}]`
  test.each<[string, string]>([
    ['messages that are none', json().replace(/"messages":.*}/, `"messages":${listOf('0')}}`)],
    ['messages without anything', json().replace(/"messages":.*}/, `"messages":${listOf('{}')}}`)],
    ['blocks that are none', json().replace('"Hi"', listOf('0'))],
    ['blocks without anything', json().replace('"Hi"', listOf('{}'))],
    ['tools without anything', json({ tools: [] }).replace('"tools":[]', `"tools":${listOf('{}')}`)],
    [
      'members of one letter',
      json({ metadata: {} }).replace('"metadata":{}', `"metadata":{${'"":0,'.repeat(LARGE / 8)}"a":0}`),
    ],
  ])('%s: Bedrock has the word', async (_what, body) => {
    const answer = await send('/v1/messages', body)
    expect([200, 400]).toContain(answer.status)
    expect(answer.headers['request-id']).toMatch(/^req_/)
  })
})
