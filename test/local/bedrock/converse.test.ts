/** The operations that our gateway does not call, through AWS's own client. */
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type BedrockSimulator, startBedrockSimulator } from '../../../local/bedrock/simulator.ts'

const MODEL = 'global.anthropic.claude-opus-5-5'
const ASKED = { modelId: MODEL, messages: [{ role: 'user' as const, content: [{ text: 'hi' }] }] }

let bedrock: BedrockSimulator
let client: BedrockRuntimeClient

beforeAll(async () => {
  bedrock = await startBedrockSimulator()
  client = new BedrockRuntimeClient({
    endpoint: bedrock.url,
    maxAttempts: 1,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
  })
})
afterEach(() => bedrock.script.clear())
afterAll(async () => {
  client?.destroy()
  await bedrock?.stop()
})

async function stream() {
  const { stream: events } = await client.send(new ConverseStreamCommand(ASKED))
  const seen = []
  for await (const event of events ?? []) seen.push(event)
  return seen
}

test('a stream of Converse says what a stream of InvokeModel would', async () => {
  bedrock.script.next({ kind: 'text', text: 'Twenty-four characters..' })
  const seen = await stream()
  expect(seen.map((event) => Object.keys(event)[0])).toEqual([
    'messageStart',
    'contentBlockDelta',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
  ])
  expect(seen.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('')).toBe('Twenty-four characters..')
  expect(seen.at(-1)?.metadata?.usage).toMatchObject({ outputTokens: 6 })
})

test('a tool is called with its name and its input', async () => {
  bedrock.script.next({ kind: 'tool', name: 'Bash', input: { command: 'ls' } })
  const seen = await stream()
  expect(seen.find((event) => event.contentBlockStart)?.contentBlockStart?.start?.toolUse?.name).toBe('Bash')
  const input = seen.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join('')
  expect(JSON.parse(input)).toEqual({ command: 'ls' })
})

test('Converse answers whole, and refuses a model that is not there', async () => {
  const { output, stopReason } = await client.send(new ConverseCommand(ASKED))
  expect(output?.message?.content?.[0]?.text).toContain('Hello')
  expect(stopReason).toBe('end_turn')
  await expect(client.send(new ConverseCommand({ ...ASKED, modelId: 'nobody.knows' }))).rejects.toThrow('invalid')
})
