/**
 * The data plane as Bedrock Runtime speaks it, so that Claude Code in its Bedrock mode and AWS's SDKs can be pointed here with a
 * credential of this gateway. Source: Amazon Bedrock API reference, InvokeModel, InvokeModelWithResponseStream, CountTokens.
 */
import type { Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { type Body, bodyOfBytes } from '../http/body.ts'
import type { HttpEnvironment } from '../http/invocation.ts'
import { Fault } from '../platform/fault.ts'
import { answerCount, answerMessage, type MessagesPorts, readJsonBody } from './answer.routes.ts'
import { BEDROCK_FRAMES } from './bedrock-frames.ts'

type C = Context<HttpEnvironment>

/** Everything between: an id holds `:` as it is, an ARN its `/` as `%2F`. */
const PATH = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream|count-tokens)$/

export const isBedrockPath = (path: string): boolean => path.startsWith('/model/')

export function addBedrockFormat(app: Hono<HttpEnvironment>, ports: MessagesPorts): void {
  app.post('/model/*', async (c, next) => {
    const [, id, operation] = PATH.exec(new URL(c.req.url).pathname) ?? []
    const model = id === undefined ? undefined : decoded(id)
    if (model === undefined) return await next()
    if (operation === 'count-tokens') {
      return c.json({ inputTokens: await answerCount(c, ports, () => readInnerBody(c), { model, stream: false }) })
    }
    return await answerMessage(c, ports, BEDROCK_FRAMES, { model, stream: operation !== 'invoke' })
  })
}

function decoded(id: string): string | undefined {
  try {
    return decodeURIComponent(id)
  } catch {
    return undefined
  }
}

/** The body of the InvokeModel request to be counted stands in it in base64. */
async function readInnerBody(c: C): Promise<Body> {
  const { text } = await readJsonBody(c)
  const read = CountBody.safeParse(parsed(text))
  if (!read.success) throw new Fault('invalid_request', 'input.invokeModel.body: must be a request in base64')
  return bodyOfBytes(Buffer.from(read.data.input.invokeModel.body, 'base64'))
}

const CountBody = z.object({ input: z.object({ invokeModel: z.object({ body: z.string() }) }) })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
