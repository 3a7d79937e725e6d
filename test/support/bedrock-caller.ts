/** AWS's own clients in front of a simulator, for one account and region at a time. */
import { BedrockClient } from '@aws-sdk/client-bedrock'
import {
  BedrockRuntimeClient,
  InvokeModelCommand,
  type InvokeModelCommandInput,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface BedrockCaller {
  readonly runtime: BedrockRuntimeClient
  readonly control: BedrockClient
  /** The whole answer, parsed. */
  invoke(body: object, more?: Partial<InvokeModelCommandInput>): Promise<Record<string, unknown>>
  /** The events of a stream, parsed. */
  stream(body: object, more?: Partial<InvokeModelCommandInput>): Promise<readonly Record<string, unknown>[]>
  destroy(): void
}

export const MODEL = 'global.anthropic.claude-opus-5-5'

/** What InvokeModel takes, with `more` in it. */
export const asked = (more: object = {}): object => ({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 50,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
})

export function callBedrock(
  endpoint: string,
  region = 'us-east-1',
  credentials: Keys = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
): BedrockCaller {
  const where = { endpoint, region, credentials, maxAttempts: 1, requestHandler: new NodeHttpHandler() }
  const runtime = new BedrockRuntimeClient(where)
  const control = new BedrockClient(where)
  return {
    runtime,
    control,
    async invoke(body, more) {
      const answer = await runtime.send(new InvokeModelCommand({ modelId: MODEL, body: JSON.stringify(body), ...more }))
      return JSON.parse(answer.body.transformToString()) as Record<string, unknown>
    },
    async stream(body, more) {
      const { body: events } = await runtime.send(
        new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: JSON.stringify(body), ...more }),
      )
      const seen: Record<string, unknown>[] = []
      for await (const { chunk } of events ?? [])
        if (chunk !== undefined) seen.push(JSON.parse(new TextDecoder().decode(chunk.bytes)))
      return seen
    },
    destroy() {
      runtime.destroy()
      control.destroy()
    },
  }
}
