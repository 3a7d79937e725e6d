/**
 * What Bedrock is told beside the body: guardrail, service tier, latency, and for whom the request is. Both ways of calling
 * know the same headers. Source: Amazon Bedrock API reference, InvokeModel; user guide, "Per-request metadata tagging".
 */
import type { BedrockOptions } from '../endpoints/endpoint.ts'
import type { Attribution } from './upstream.ts'

/**
 * A JSON object of strings for Bedrock's invocation log. Bedrock takes at most 16 entries, values of at most 256
 * characters, and of the characters only those below (API reference, Converse, `requestMetadata`); one that is not
 * allowed would cost the request. All are ASCII, so it can travel in a header.
 */
export function requestMetadata({ teamId, keyId, sessionId, identity }: Attribution): string {
  const told = { team: teamId, key: keyId, session: sessionId, user: identity }
  const entries = Object.entries(told).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[name, value.slice(0, LONGEST_VALUE).replace(NOT_ALLOWED, '_')]],
  )
  return JSON.stringify(Object.fromEntries(entries))
}

const LONGEST_VALUE = 256
/** By UTF-16 unit, so that what is replaced keeps its length. */
const NOT_ALLOWED = /[^a-zA-Z0-9 :_@$#=/+,.-]/g

/** For whoever speaks HTTP without the SDK; names in lower case, as SigV4 sorts them. */
export function bedrockHeaders(options: BedrockOptions, attribution: Attribution): Record<string, string> {
  const { guardrail, serviceTier, latency } = options
  return {
    'x-amzn-bedrock-request-metadata': requestMetadata(attribution),
    ...(guardrail !== null && {
      'x-amzn-bedrock-guardrailidentifier': guardrail.id,
      'x-amzn-bedrock-guardrailversion': guardrail.version,
    }),
    ...(serviceTier !== null && { 'x-amzn-bedrock-service-tier': serviceTier }),
    ...(latency !== null && { 'x-amzn-bedrock-performanceconfig-latency': latency }),
  }
}
