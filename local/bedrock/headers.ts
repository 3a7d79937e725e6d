/** What a call of the Runtime says beside its body. Source: Amazon Bedrock API reference, InvokeModel, "URI Request Parameters". */
import type { CallHeaders } from './tally.ts'
import type { Request } from './two-protocols.ts'

export function readHeaders({ headers }: Request): CallHeaders {
  const one = (name: string): string | undefined => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  const guardrail = one('x-amzn-bedrock-guardrailidentifier')
  return {
    requestMetadata: metadataOf(one('x-amzn-bedrock-request-metadata')),
    guardrail: guardrail === undefined ? undefined : { id: guardrail, version: one('x-amzn-bedrock-guardrailversion') },
    serviceTier: one('x-amzn-bedrock-service-tier'),
    latency: one('x-amzn-bedrock-performanceconfig-latency'),
    anthropicVersion: one('anthropic-version'),
    betas: (one('anthropic-beta') ?? '')
      .split(',')
      .map((flag) => flag.trim())
      .filter((flag) => flag !== ''),
  }
}

/** JSON; the SDK puts it into base64, as Smithy wants it of a header that has a media type. */
function metadataOf(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (header === undefined) return undefined
  const json = header.startsWith('{') ? header : Buffer.from(header, 'base64').toString('utf8')
  return JSON.parse(json) as Record<string, string>
}
