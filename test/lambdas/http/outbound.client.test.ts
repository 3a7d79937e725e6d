import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Outbound, type OutboundRequest, openOutbound } from '../../../lambdas/http/outbound.client.ts'
import { systemTimers } from '../../../lambdas/platform/timer.host.ts'
import { selfSigned } from '../../support/certificate.ts'
import { toldTime } from '../../support/told-time.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const serve = (listener: RequestListener): Promise<number> => listening(createPlain(listener))

const open = (
  wish: { allowedHosts?: string; extraCa?: string } = {},
  names: Readonly<Record<string, readonly string[]>> = {},
  timers = systemTimers,
): Outbound =>
  openOutbound(
    { allowedHosts: 'localhost', extraCa: '', ...wish },
    { timers, addressesOf: async (name) => names[name] ?? (name === 'localhost' ? ['127.0.0.1'] : [name]) },
  )

const get = (url: string, wish: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  followRedirects: true,
  maxBytes: 1000,
  ...wish,
})

describe('O22: a name is judged by everything it stands for', () => {
  test.each([
    ['loopback', ['127.0.0.1']],
    ['link-local', ['169.254.169.254']],
    ['one public and one private address', ['8.8.8.8', '10.0.0.1']],
    ['mapped IPv6', ['::ffff:127.0.0.1']],
    ['unique local IPv6', ['fd00:ec2::254']],
  ])('%s is refused, and nobody is asked', async (_, addresses) => {
    await expect(open({}, { 'hooks.example.com': addresses }).send(get('https://hooks.example.com/'))).rejects.toThrow(
      'The address was refused: hooks.example.com is',
    )
  })

  test('a name that stands for nothing is told as such', async () => {
    await expect(open({}, { 'hooks.example.com': [] }).send(get('https://hooks.example.com/'))).rejects.toThrow(
      'The name hooks.example.com cannot be resolved',
    )
  })

  test('the connection goes to the address that was judged, however the name is answered a second time', async () => {
    const server = createPlain((_, response) => response.end('the one that was judged'))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
    const asked: string[] = []
    const outbound = openOutbound(
      { allowedHosts: 'hooks.localhost', extraCa: '' },
      {
        timers: systemTimers,
        addressesOf: async (name) => (asked.push(name) === 1 ? ['127.0.0.2'] : ['127.0.0.1']),
      },
    )
    const answer = await outbound.send(get(`http://hooks.localhost:${(server.address() as AddressInfo).port}/`))
    expect([answer.body.toString(), asked]).toEqual(['the one that was judged', ['hooks.localhost']])
  })
})

describe('redirects', () => {
  const leading = (location: string, status = 302) =>
    serve((request, response) => {
      if (request.url === '/end') response.end(`${request.method} ${request.headers.authorization ?? '-'}`)
      else response.writeHead(status, { location }).end()
    })

  test.each(['https://169.254.169.254/', 'http://10.0.0.1/', 'https://intranet/', 'file:///etc/passwd'])(
    'to %s are judged like any other address',
    async (location) => {
      const port = await leading(location)
      await expect(open().send(get(`http://localhost:${port}/`))).rejects.toThrow('The address was refused')
    },
  )

  test('to a name that stands for a private address are refused', async () => {
    const port = await leading('https://rebound.example.com/')
    const outbound = open({}, { 'rebound.example.com': ['192.168.0.1'] })
    await expect(outbound.send(get(`http://localhost:${port}/`))).rejects.toThrow('rebound.example.com is 192.168.0.1')
  })

  test('are followed three times and no more', async () => {
    const turning = (turns: number) =>
      serve(({ url = '' }, response) => {
        const turn = Number(url.slice(1))
        if (turn === turns) response.end('arrived')
        else response.writeHead(307, { location: `/${turn + 1}` }).end()
      })
    expect((await open().send(get(`http://localhost:${await turning(3)}/0`))).body.toString()).toBe('arrived')
    await expect(open().send(get(`http://localhost:${await turning(4)}/0`))).rejects.toThrow('more than 3 redirects')
  })

  test('of a POST become a GET where the status says so, and headers stay with their origin', async () => {
    const other = await serve((request, response) => {
      response.end(`${request.method} ${request.headers.authorization ?? '-'}`)
    })
    const here = await leading('/end', 303)
    const there = await leading(`http://localhost:${other}/`, 307)
    const post = { method: 'POST', body: 'x', headers: { authorization: 'secret' } } as const
    expect((await open().send(get(`http://localhost:${here}/`, post))).body.toString()).toBe('GET secret')
    expect((await open().send(get(`http://localhost:${there}/`, post))).body.toString()).toBe('POST -')
  })

  test('are the answer where nobody wants to follow', async () => {
    const port = await leading('https://elsewhere.example.com/')
    const answer = await open().send(get(`http://localhost:${port}/`, { followRedirects: false }))
    expect(answer.status).toBe(302)
  })
})

describe('bounds', () => {
  test('an answer that is too long is not read to its end', async () => {
    const port = await serve((_, response) => response.end('x'.repeat(1001)))
    await expect(open().send(get(`http://localhost:${port}/`))).rejects.toThrow('more than 1000 bytes')
  })

  test('an answer that never ends is of no interest where only the status is', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200)
      response.write('and so on')
    })
    const answer = await open().send(get(`http://localhost:${port}/`, { maxBytes: 0 }))
    expect([answer.status, answer.body.length]).toEqual([200, 0])
  })

  test.each(['never answers', 'never ends'])('L24: ten seconds are all there is for one that %s', async (kind) => {
    const time = toldTime()
    let arrived = (): void => {}
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const port = await serve((_, response) => {
      if (kind === 'never ends') response.writeHead(200).write('x')
      arrived()
    })
    const answer = open({}, {}, time.timers).send(get(`http://localhost:${port}/`))
    const told = expect(answer).rejects.toThrow('There was no answer within 10 seconds')
    await there
    await time.advance(10_000)
    await told
  })

  test('a name that is never resolved counts as well', async () => {
    const time = toldTime()
    const outbound = openOutbound(
      { allowedHosts: '', extraCa: '' },
      { timers: time.timers, addressesOf: () => new Promise(() => {}) },
    )
    const told = expect(outbound.send(get('https://hooks.example.com/'))).rejects.toThrow('within 10 seconds')
    await time.advance(10_000)
    await told
  })
})

describe('who asks', () => {
  test('judges every address on the way, and is told where the answer came from', async () => {
    const port = await serve(({ url }, response) => {
      if (url === '/start') response.writeHead(302, { location: '/middle' }).end()
      else if (url === '/middle') response.writeHead(302, { location: '/end' }).end()
      else response.end('arrived')
    })
    const judged: string[] = []
    const judge = (url: string): null => {
      judged.push(new URL(url).pathname)
      return null
    }
    const answer = await open().send(get(`http://localhost:${port}/start`, { judge }))
    expect([judged, answer.url]).toEqual([['/start', '/middle', '/end'], `http://localhost:${port}/end`])
    const refusing = (url: string): string | null => (url.endsWith('/middle') ? 'Not there' : null)
    await expect(open().send(get(`http://localhost:${port}/start`, { judge: refusing }))).rejects.toMatchObject({
      message: 'Not there',
      trouble: 'refused',
    })
  })

  test('cannot judge an address good that is not', async () => {
    const request = get('https://169.254.169.254/', { judge: () => null })
    await expect(open().send(request)).rejects.toMatchObject({ trouble: 'refused' })
  })

  test('calls it off, before and during', async () => {
    const ending = new AbortController()
    let gone = (): void => {}
    const left = new Promise<void>((resolve) => {
      gone = resolve
    })
    const port = await serve((request, response) => {
      response.on('close', gone)
      if (request.url === '/') ending.abort()
    })
    const { signal } = ending
    const off = { message: 'The request was called off', trouble: 'ended' }
    await expect(open().send(get(`http://localhost:${port}/`, { signal }))).rejects.toMatchObject(off)
    await left
    await expect(open().send(get(`http://localhost:${port}/`, { signal }))).rejects.toMatchObject(off)
  })
})

describe('certificates', () => {
  const { key, cert } = selfSigned('localhost')
  const secure = () => listening(createSecure({ key, cert }, (request, response) => response.end(request.headers.host)))

  test('one that nobody vouches for is refused, even of a host that is allowed', async () => {
    await expect(open().send(get(`https://localhost:${await secure()}/`))).rejects.toThrow(
      'The certificate is not trusted',
    )
  })

  test('one that the deployment trusts is taken, for its own name alone', async () => {
    const port = await secure()
    const outbound = open({ allowedHosts: 'localhost,127.0.0.1', extraCa: cert })
    expect((await outbound.send(get(`https://localhost:${port}/`))).body.toString()).toBe(`localhost:${port}`)
    await expect(outbound.send(get(`https://127.0.0.1:${port}/`))).rejects.toThrow(
      'The certificate is for another name',
    )
  })
})

test('a connection that is refused says so, and no more', async () => {
  const port = await serve(() => {})
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  await expect(open().send(get(`http://localhost:${port}/`))).rejects.toThrow(/^The connection was refused$/)
})
