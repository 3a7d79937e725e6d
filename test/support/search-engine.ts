/** A search engine of somebody's own on this machine, in the form of the provider `custom`: it remembers who asked, and answers as it is told. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface AskedEngine {
  readonly authorization: string | undefined
  readonly body: { readonly query: string; readonly count: number }
}

export interface SearchEngine {
  readonly url: string
  readonly asked: AskedEngine[]
  answer: { readonly status: number; readonly body: string }
  stop(): Promise<void>
}

export const foundHits = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    title: `Hit ${place}`,
    link: `https://example.org/${place}`,
    snippet: 's'.repeat(300),
  }))

export const answering = (hits: readonly object[]): SearchEngine['answer'] => ({
  status: 200,
  body: JSON.stringify(hits),
})

export async function startSearchEngine(): Promise<SearchEngine> {
  const server = createServer((request, response) => {
    void (async () => {
      engine.asked.push(await askedBy(request))
      const { status, body } = engine.answer
      response.writeHead(status, { 'content-type': 'application/json', location: 'https://example.com/' }).end(body)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const engine: SearchEngine = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/find`,
    asked: [],
    answer: answering(foundHits(3)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return engine
}

async function askedBy(request: IncomingMessage): Promise<AskedEngine> {
  return { authorization: request.headers.authorization, body: JSON.parse(await text(request)) }
}
