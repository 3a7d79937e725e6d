import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyTooLarge, bodyOfBytes, LONGEST_BODY_BYTES } from '../../../lambdas/http/body.ts'
import { decodeBody } from '../../../lambdas/http/decode-body.host.ts'
import { bodyOf } from '../../../lambdas/http/lambda-request.ts'

const gzipped = (text: string | Uint8Array) => bodyOfBytes(gzipSync(text))

test('what was compressed is read as it was before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const { text: read, utf8 } = await decodeBody(gzipped(text), 'gzip')
      expect([read, Buffer.from(utf8).toString()]).toEqual([text.toWellFormed(), text.toWellFormed()])
    }),
  )
})

test.each(['gzip', 'GZIP', 'x-gzip', ' gzip '])('%j is gzip', async (encoding) => {
  expect((await decodeBody(gzipped('{}'), encoding)).text).toBe('{}')
})

test.each([undefined, '', 'identity', 'Identity'])('%j leaves the body alone', async (encoding) => {
  const body = bodyOfBytes(Buffer.from('{}'))
  expect(await decodeBody(body, encoding)).toBe(body)
})

test.each(['br', 'deflate', 'zstd', 'gzip, gzip', 'gzip, identity', `x${'y'.repeat(500)}`])(
  '%s is refused, naming the header',
  async (encoding) => {
    await expect(decodeBody(gzipped('{}'), encoding)).rejects.toMatchObject({
      code: 'unsupported_media_type',
      message: expect.stringMatching(/^content-encoding: ".{1,100}" is not understood, send gzip or none$/),
    })
  },
)

test.each([
  ['no gzip at all', Buffer.from('{"model":"x"}')],
  ['nothing', Buffer.alloc(0)],
  ['gzip that ends too early', gzipSync('{"model":"x"}').subarray(0, -5)],
  ['gzip whose sum is wrong', Buffer.concat([gzipSync('{"model":"x"}').subarray(0, -8), Buffer.alloc(8, 1)])],
])('%s is told to be none', async (_name, bytes) => {
  await expect(decodeBody(bodyOfBytes(bytes), 'gzip')).rejects.toMatchObject({
    code: 'invalid_request',
    message: 'body: is not the gzip that content-encoding says',
  })
})

describe('a body that grows', () => {
  test('up to the limit of any body is taken', async () => {
    const { utf8 } = await decodeBody(gzipped(Buffer.alloc(LONGEST_BODY_BYTES, 'a')), 'gzip')
    expect(utf8).toHaveLength(LONGEST_BODY_BYTES)
  })

  test('beyond it is refused, with the limit and its size', async () => {
    const refusal = decodeBody(gzipped(Buffer.alloc(LONGEST_BODY_BYTES + 1000, 'a')), 'gzip')
    await expect(refusal).rejects.toBeInstanceOf(BodyTooLarge)
    await expect(refusal).rejects.toMatchObject({
      code: 'invalid_request',
      message: `body: larger than ${LONGEST_BODY_BYTES} bytes`,
      bytes: LONGEST_BODY_BYTES + 1000,
    })
  })

  test('beyond it is refused also where its sender says it is small', async () => {
    const bomb = gzipSync(Buffer.alloc(2 * LONGEST_BODY_BYTES))
    bomb.writeUInt32LE(7, bomb.length - 4)
    await expect(decodeBody(bodyOfBytes(bomb), 'gzip')).rejects.toMatchObject({ bytes: LONGEST_BODY_BYTES + 1 })
  })
})

test('a function URL passes what is compressed in base64', async () => {
  const event = { body: gzipSync('{"a":"確"}').toString('base64'), isBase64Encoded: true } as Parameters<
    typeof bodyOf
  >[0]
  expect((await decodeBody(bodyOf(event), 'gzip')).text).toBe('{"a":"確"}')
})

describe('bytes that are no UTF-8', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"x'), Buffer.from([0xff, 0xc3]), Buffer.from('y 確"}')])

  test('are understood with a mark in their place, and passed on so', () => {
    const { text, utf8, raw } = bodyOfBytes(bytes)
    expect(JSON.parse(text)).toEqual({ a: 'x\ufffd\ufffdy 確' })
    expect(Buffer.from(utf8).equals(Buffer.from(text))).toBe(true)
    expect(raw).toBe(bytes)
  })

  test('are looked for, not assumed: whatever is UTF-8 passes as the very bytes that came', () => {
    const good = Buffer.from('{"a":"確 \ufffd"}')
    expect(Buffer.from(bodyOfBytes(good).utf8).equals(good)).toBe(true)
    const plain = Buffer.from('{"a":"確"}')
    expect(bodyOfBytes(plain).utf8).toBe(plain)
  })
})
