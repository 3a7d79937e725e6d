/** What `cdk deploy` would upload. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { readTemplate, tagOf } from '../../local/deploy/template.ts'

const template = readTemplate(inject('cdkOut'))
const bundles = template.of('AWS::Lambda::Function').flatMap(({ properties }) => {
  const name = tagOf(properties, 'gateway:function')
  const { S3Key } = properties.Code as { S3Key: string }
  const folder = template.assetFolder(S3Key)
  return name === undefined ? [] : [{ name, folder, text: readFileSync(join(folder, 'index.mjs'), 'utf8') }]
})

/**
 * Bytes, minified. Every byte is parsed at a cold start: `messages` has the tightest limit because somebody waits for it,
 * and each is a tenth above what the function weighs, so that a library that slips in is noticed.
 */
const LIMITS: Readonly<Record<string, number>> = {
  // 18 kB of it are STS, for endpoints in other accounts, 13 the sizes of images, 20 budgets, rates and what is held of them, and as many
  // the turns of an answer that uses the web.
  messages: 585_000,
  // 80 kB of it are the scripts that it hands out; 165 kB came with what it asks of Bedrock, STS and Service Quotas, 110 with notifications,
  // and as much with people, budgets and prices; 45 with the providers of searches.
  control: 1_130_000,
  // 90 kB of it list the models, and as many ask them: it looks after the endpoints. 20 kB are prices and the packing of hours.
  watch: 625_000,
  // 35 kB of it read the price list of AWS.
  prices: 314_000,
  // A third of it are KMS, SNS and EventBridge, and the judgement of addresses.
  outbox: 381_000,
}

test('there are the five functions', () => {
  expect(bundles.map(({ name }) => name).sort()).toEqual(Object.keys(LIMITS).sort())
})

test('what only a search needs is beside the bundle of messages, and in it is no word of it', async () => {
  const { folder = '', text = '' } = bundles.find(({ name }) => name === 'messages') ?? {}
  expect(text).toContain('import("./open-web.mjs")')
  expect([text.includes('TrentService'), text.includes('duckduckgo.com')]).toEqual([false, false])
  const { openWeb } = await import(join(folder, 'open-web.mjs'))
  expect(openWeb).toBeTypeOf('function')
})

test('what reads HTML is a file of its own beside those who may need it, loaded when they do', async () => {
  const beside = bundles.filter(({ folder }) => existsSync(join(folder, 'parsing.mjs')))
  expect(beside.map(({ name }) => name).sort()).toEqual(['control', 'messages'])
  for (const { name, folder, text } of beside) {
    const asks = name === 'messages' ? readFileSync(join(folder, 'open-web.mjs'), 'utf8') : text
    expect(asks).toContain('import("./parsing.mjs")')
    const { readers } = await import(join(folder, 'parsing.mjs'))
    expect(readers.readBody('<p>Hello</p>')).toMatchObject({ text: expect.stringContaining('Hello') })
  }
})

describe.each(bundles)('$name', ({ name, text }) => {
  test('stays under its size', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(LIMITS[name] ?? 0)
  })
  test('holds nothing of the machine it was made on, and nothing that only belongs to tests', () => {
    const forbidden = [process.cwd(), 'aws-cdk-lib', 'dynoxide', 'fault-proxy']
    expect(forbidden.filter((word) => text.includes(word))).toEqual([])
  })
  test('does not bring every language of zod along', () => expect(text.includes('Ungültige Eingabe')).toBe(false))
})
