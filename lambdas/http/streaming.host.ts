/**
 * A Hono app as a streaming Lambda handler. The handler returns only when the body has been sent (or refused)
 * AND every errand handed to `c.executionCtx.waitUntil` has been run: Lambda freezes the environment the moment
 * the handler returns, and a frozen errand is a lost bill.
 */
import middy from '@middy/core'
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import type { Hono } from 'hono'
import { monotonicMs } from '../platform/clock.host.ts'
import { instant } from '../platform/instant.ts'
import { decodeBody } from './decode-body.host.ts'
import { type HttpEnvironment, type Invocation, ORIGIN_HEADER } from './invocation.ts'
import { bodyOf, replyOf, requestOf } from './lambda-request.ts'

export function streaming(app: Hono<HttpEnvironment>) {
  const errands = new WeakMap<object, Promise<unknown>[]>()
  return middy<APIGatewayProxyEventV2, unknown, Error, Context>({
    executionMode: executionModeStreamifyResponse,
    // Off: the deadline is ours to tell, as a well-formed event of the stream (`messages/relay.flow.ts`).
    timeoutEarlyInMillis: 0,
    requestEnd: async ({ context }) => {
      // An errand may hand in another one; settle until none is left.
      for (const mine = errands.get(context) ?? []; mine.length > 0; ) await Promise.allSettled(mine.splice(0))
    },
  }).handler(async (event: APIGatewayProxyEventV2, context: Context) => {
    const mine: Promise<unknown>[] = []
    errands.set(context, mine)
    const response = await app.fetch(requestOf(event), invocationOf(event, context), {
      // Looked after from the start: a promise that fails while nobody does ends the process, with the answer that it is writing.
      waitUntil: (errand) => void mine.push(errand.catch(() => {})),
      passThroughOnException: () => {},
      props: {},
    })
    return replyOf(response)
  })
}

function invocationOf(event: APIGatewayProxyEventV2, context: Context): Invocation {
  const startedMs = monotonicMs()
  return {
    arrivedAt: instant(event.requestContext.timeEpoch),
    elapsedMs: () => monotonicMs() - startedMs,
    remainingMs: () => context.getRemainingTimeInMillis(),
    // What is compressed comes in base64 within the event's JSON.
    readBody: async () => decodeBody(bodyOf(event), event.headers['content-encoding']),
    throughDistribution: event.headers[ORIGIN_HEADER] !== undefined,
  }
}
