import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Connections, onceMoreIfDead, openConnections } from '../../../lambdas/bedrock/connections.client.ts'

let connections: Connections
let nowMs = 0
beforeEach(() => {
  nowMs = 0
  connections = openConnections(() => nowMs)
})
afterEach(() => connections.close())

const breaking = (afterMs: number) => {
  let sent = 0
  const send = async (): Promise<number> => {
    sent++
    if (sent > 1) return sent
    nowMs += afterMs
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  }
  return onceMoreIfDead(connections, send)
}

test('a connection that was dead before the request is replaced at once', async () => {
  expect(await breaking(20)).toBe(2)
})

test('one that breaks later is not: a model may be at work on the request, and would be paid twice', async () => {
  await expect(breaking(2_001)).rejects.toThrow('socket hang up')
})
