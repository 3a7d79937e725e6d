/** A receiver of webhooks on this machine: it remembers what came, and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ReceivedHook {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `x-ccag-delivery`. */
  readonly delivery: string
}

/** A status; `hang`: no answer ever; `break`: the connection is closed. */
export type SinkAnswer = number | 'hang' | 'break'

export interface WebhookSink {
  readonly url: string
  readonly received: ReceivedHook[]
  answer: SinkAnswer | ((hook: ReceivedHook) => SinkAnswer)
  stop(): Promise<void>
}

export async function startWebhookSink(): Promise<WebhookSink> {
  const server = createServer((request, response) => {
    void (async () => {
      const hook = await hookOf(request)
      sink.received.push(hook)
      const answer = typeof sink.answer === 'function' ? sink.answer(hook) : sink.answer
      if (answer === 'break') response.destroy()
      else if (answer !== 'hang')
        response.writeHead(answer, { location: 'https://example.com/' }).end('not for the log')
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sink: WebhookSink = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/hooks/secret-path`,
    received: [],
    answer: 200,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return sink
}

async function hookOf(request: IncomingMessage): Promise<ReceivedHook> {
  const body = await text(request)
  const { headers, url = '' } = request
  return { path: url, headers, body, delivery: String(headers['x-ccag-delivery']) }
}
