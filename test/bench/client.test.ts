import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demandLoopback, loadTarget } from '../../bench/client.ts'

let asked = 0
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url === '/') return response.end()
    asked++
    response.write('first ')
    setImmediate(() => response.end(request.url === '/cut' ? 'half' : 'last'))
  })
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const target = (path: string) => ({ url: url + path, headers: {}, isWhole: (tail: string) => tail.endsWith('last') })
const load = { body: Buffer.from('{}'), streams: 3, forMs: 0 }

test.each(['http://example.com/', 'http://10.0.0.1/', 'http://localhost/', 'http://127.0.0.1.example.com/'])(
  'only this machine is loaded, by its address: not %s',
  (address) => expect(() => demandLoopback(address)).toThrow('the bench loads this machine only'),
)

test('every stream asks at least once, and every answer is timed', async () => {
  asked = 0
  let ready = false
  const measured = await loadTarget(target('/whole'), load, () => {
    ready = asked === 0
  })
  expect(ready).toBe(true)
  expect(asked).toBe(3)
  expect(measured).toMatchObject({ firstByteMs: { length: 3 }, totalMs: { length: 3 }, failures: [] })
})

test('an answer that is not whole is a failure, not a time', async () => {
  const measured = await loadTarget(target('/cut'), load, () => {})
  expect(measured.totalMs).toEqual([])
  expect(measured.failures[0]).toContain('first half')
})
