import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'

test.each(['http://example.com/', 'https://bedrock-runtime.us-east-1.amazonaws.com/', 'http://169.254.169.254/latest'])(
  'a test cannot reach %s',
  async (url) => {
    const failure = await fetch(url).catch((thrown: unknown) => thrown)
    expect(String((failure as Error).cause)).toContain(`a test reached for the outside: ${new URL(url).hostname}`)
  },
)

test.each(['127.0.0.1', 'localhost'])('a test can reach %s', async (host) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi')
  })
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('hi')
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})
