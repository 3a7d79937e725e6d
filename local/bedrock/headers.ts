/** What a call of the Runtime says beside its body. Source: Amazon Bedrock API reference, InvokeModel, "URI Request Parameters". */
import type { CallHeaders } from './tally.ts'
import type { Request } from './two-protocols.ts'
import { invalid, isRefusal, type Refusal } from './validation.ts'

export function readHeaders({ headers }: Request): CallHeaders | Refusal {
  const one = (name: string): string | undefined => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  const metadata = metadataOf(one('x-amzn-bedrock-request-metadata'))
  if (metadata !== undefined && isRefusal(metadata)) return metadata
  const guardrail = one('x-amzn-bedrock-guardrailidentifier')
  const version = one('x-amzn-bedrock-guardrailversion')
  const serviceTier = one('x-amzn-bedrock-service-tier')
  const latency = one('x-amzn-bedrock-performanceconfig-latency')
  if ((guardrail === undefined) !== (version === undefined))
    return invalid('Guardrail identifier and version must be provided together.')
  const wrong = notOneOf('serviceTier', serviceTier, TIERS) ?? notOneOf('performanceConfigLatency', latency, LATENCIES)
  if (wrong !== undefined) return wrong
  return {
    requestMetadata: metadata?.entries,
    guardrail: guardrail === undefined || version === undefined ? undefined : { id: guardrail, version },
    serviceTier,
    latency,
    anthropicVersion: one('anthropic-version'),
    betas: (one('anthropic-beta') ?? '')
      .split(',')
      .map((flag) => flag.trim())
      .filter((flag) => flag !== ''),
  }
}

const TIERS = ['default', 'flex', 'priority', 'reserved']
const LATENCIES = ['standard', 'optimized']

const notOneOf = (member: string, value: string | undefined, known: readonly string[]): Refusal | undefined =>
  value === undefined || known.includes(value)
    ? undefined
    : invalid(
        `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${known.join(', ')}]`,
      )

const MOST_ENTRIES = 16
const NAME = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/
const VALUE = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/

interface Metadata {
  readonly entries: Readonly<Record<string, string>>
}

/** JSON; the SDK puts it into base64, as Smithy wants it of a header that has a media type. Limits: those of Converse's `requestMetadata`. */
function metadataOf(header: string | undefined): Metadata | Refusal | undefined {
  if (header === undefined) return undefined
  const entries = parse(header.startsWith('{') ? header : Buffer.from(header, 'base64').toString('utf8'))
  if (entries === undefined) return invalid('Request metadata is not a valid JSON object.')
  const pairs = Object.entries(entries)
  const fits = pairs.every(([name, value]) => NAME.test(name) && typeof value === 'string' && VALUE.test(value))
  if (pairs.length === 0 || pairs.length > MOST_ENTRIES || !fits)
    return invalid(`Request metadata must have 1 to ${MOST_ENTRIES} entries of text, 256 characters each at most.`)
  return { entries: entries as Readonly<Record<string, string>> }
}

function parse(json: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(json)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
