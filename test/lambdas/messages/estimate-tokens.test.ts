import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { estimatePromptTokens } from '../../../lambdas/messages/estimate-tokens.ts'

const saying = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] })
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const image = (data: string, media_type = 'image/png') => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
})
const pdf = (bytes: number) => ({
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data: base64(Buffer.alloc(bytes, 'x')) },
})

const u16 = (value: number) => [value >> 8, value & 255]
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)]
function png(width: number, height: number): Buffer {
  const chunk = (name: string, data: Uint8Array) => [...u32(data.length), ...Buffer.from(name), ...data, 0, 0, 0, 0]
  const header = Uint8Array.from([...u32(width), ...u32(height), 8, 2, 0, 0, 0])
  const pixels = deflateSync(Buffer.alloc(1_000_000))
  return Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunk('IHDR', header), ...chunk('IDAT', pixels)])
}
const gif = (width: number, height: number): Buffer =>
  Buffer.from([...Buffer.from('GIF89a'), width & 255, width >> 8, height & 255, height >> 8, 0, 0, 0])
/** With a preview of 60 kB before its size, as cameras write it. */
const jpeg = (width: number, height: number): Buffer =>
  Buffer.from([
    ...[0xff, 0xd8],
    ...[0xff, 0xe1, ...u16(60_002), ...Buffer.alloc(60_000, 1)],
    ...[0xff, 0xc0, ...u16(17), 8, ...u16(height), ...u16(width), 3, ...Buffer.alloc(9)],
    ...[0xff, 0xd9],
  ])
const webp = (width: number, height: number): Buffer => {
  const bytes = Buffer.alloc(40)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(32, 4)
  bytes.write('WEBPVP8X', 8)
  bytes.writeUInt32LE(10, 16)
  bytes.writeUIntLE(width - 1, 24, 3)
  bytes.writeUIntLE(height - 1, 27, 3)
  return bytes
}

describe('text', () => {
  test.each([
    ['a message', { messages: [{ role: 'user', content: 'x'.repeat(4000) }] }, 1000],
    ['a block', saying({ type: 'text', text: 'x'.repeat(4000), cache_control: { type: 'ephemeral' } }), 1000],
    ['a system prompt', { system: 'x'.repeat(4000) }, 1000],
    ['a system prompt in blocks', { system: [{ type: 'text', text: 'x'.repeat(4000) }] }, 1000],
    ['a result', saying({ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x'.repeat(4000) }), 1000],
    [
      'a thought, without its signature',
      saying({ type: 'thinking', thinking: 'x'.repeat(4000), signature: 'y'.repeat(4000) }),
      1000,
    ],
    ['a thought that is encrypted', saying({ type: 'redacted_thinking', data: 'y'.repeat(4000) }), 0],
    [
      'a document of text',
      saying({ type: 'document', title: 'tttt', source: { type: 'text', data: 'x'.repeat(4000) } }),
      1001,
    ],
    ['other letters, by their bytes', { system: '界'.repeat(1000) }, 750],
    ['what Bedrock is told beside it', { model: 'x'.repeat(4000), metadata: { user_id: 'y'.repeat(4000) } }, 0],
    ['nothing', {}, 0],
  ])('%s', (_, body, tokens) => expect(estimatePromptTokens(body)).toBe(tokens))

  test('tools are read as JSON: names, descriptions and schemas', () => {
    const tool = {
      name: 'Read',
      description: 'x'.repeat(3000),
      input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    }
    const tokens = estimatePromptTokens({ tools: [tool, tool] })
    const asJson = (2 * JSON.stringify(tool).length) / 4
    expect(Math.abs(tokens / asJson - 1)).toBeLessThan(0.02)
  })
  test('what a tool was called with counts', () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'Write', input: { path: '/a', content: 'x'.repeat(4000) } }
    expect(estimatePromptTokens(saying(call))).toBeGreaterThan(1000)
    expect(estimatePromptTokens(saying(call))).toBeLessThan(1050)
  })
})

describe('an image', () => {
  test.each([
    ['small', png(200, 200), 54],
    ['of a screen', png(1092, 1092), 1590],
    ['larger than what is looked at', png(8000, 8000), 1600],
    ['wide, which is made smaller', png(3136, 300), 314],
    ['of the kind GIF', gif(300, 250), 100],
    ['of the kind WebP', webp(750, 100), 100],
    ['of the kind JPEG, with a preview before its size', jpeg(1000, 75), 100],
  ])('%s has its pixels, not its bytes', (_, bytes, tokens) =>
    expect(estimatePromptTokens(saying(image(base64(bytes))))).toBe(tokens),
  )
  test.each([
    ['cut off', image(base64(png(200, 200).subarray(0, 12)))],
    ['of a kind that is not known', image(base64(Buffer.from('not an image at all')))],
    ['of no size', image(base64(png(0, 0)))],
    ['elsewhere', { type: 'image', source: { type: 'url', url: `https://example.com/${'x'.repeat(9000)}` } }],
    ['in a file', { type: 'image', source: { type: 'file', file_id: 'file_1' } }],
    ['of no form', { type: 'image', source: { type: 'base64', data: 5 } }],
    ['of no source', { type: 'image' }],
  ])('that cannot be read, %s, counts as a large one', (_, block) =>
    expect(estimatePromptTokens(saying(block))).toBe(1600),
  )
  test('in the result of a tool counts as one', () => {
    const result = { type: 'tool_result', tool_use_id: 't', content: [image(base64(png(200, 200)))] }
    expect(estimatePromptTokens(saying(result))).toBe(54)
  })
})

describe('a PDF', () => {
  test.each([
    ['of a page', 1_000, 3_000],
    ['of ten pages', 600_000, 30_000],
    ['of more pages than are taken', 60_000_000, 1_800_000],
  ])('%s goes by its size', (_, bytes, tokens) => expect(estimatePromptTokens(saying(pdf(bytes)))).toBe(tokens))
  test('that lies elsewhere has a page', () => {
    const block = { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }
    expect(estimatePromptTokens(saying(block))).toBe(3000)
  })
})

test('of 5 MB of base64 little is looked at, and none is counted as text', () => {
  const tokens = estimatePromptTokens(saying(image(base64(Buffer.concat([png(200, 200), Buffer.alloc(4_000_000)])))))
  expect(tokens).toBe(54)
})

test('whatever is sent is a number', () => {
  const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
  for (const messages of [deep(100_000), 'x', 5, null, [null, [5], { content: { type: 'document', source: null } }]]) {
    expect(estimatePromptTokens({ messages, tools: messages, system: messages })).toBeGreaterThanOrEqual(0)
  }
  const call = { type: 'tool_use', input: deep(100_000) }
  expect(estimatePromptTokens(saying(call))).toBeGreaterThanOrEqual(0)
})
