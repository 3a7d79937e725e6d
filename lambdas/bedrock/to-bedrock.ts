/**
 * A Messages request in InvokeModel's words: the model moves into the URL, the choice of streaming into the operation,
 * the betas into the body. Everything else passes byte for byte, known or not.
 */
import { betasFor } from './betas.ts'
import { type Member, membersOf } from './json-members.ts'

const ANTHROPIC_VERSION = 'bedrock-2023-05-31'

/** What clients of the reference gateway get when they leave it out; Bedrock itself demands a number. */
const DEFAULT_MAX_TOKENS = 8096

/** What InvokeModel says elsewhere or we say anew, and `mcp_servers`, which Bedrock has no connector for. */
const TAKEN_OUT: ReadonlySet<string> = new Set(['model', 'stream', 'betas', 'anthropic_beta', 'mcp_servers'])

/** A request as it came, and what it says. */
export interface ReadRequest {
  /** JSON as UTF-8. */
  readonly utf8: Uint8Array
  readonly body: Readonly<Record<string, unknown>>
}

/** @returns JSON as UTF-8. */
export function toInvokeBody({ utf8, body }: ReadRequest, betaHeader: string | null): Uint8Array {
  const flags = betasFor(betaHeader, body.anthropic_beta ?? body.betas)
  const isSaid = (name: string): boolean => body[name] !== undefined && body[name] !== null
  const added = JSON.stringify({
    ...(!isSaid('anthropic_version') && { anthropic_version: ANTHROPIC_VERSION }),
    ...(flags.length > 0 && { anthropic_beta: flags }),
    ...(!isSaid('max_tokens') && { max_tokens: DEFAULT_MAX_TOKENS }),
  })
  const replaced = ['anthropic_version', 'max_tokens'].filter((name) => !isSaid(name))
  const kept = lastOfEachName(membersOf(utf8)).filter(({ name }) => !TAKEN_OUT.has(name) && !replaced.includes(name))
  return Buffer.concat(pieces(added, kept, utf8))
}

/** A name that is told twice means its last value, as `JSON.parse` understood it when the request was judged. */
const lastOfEachName = (members: readonly Member[]): readonly Member[] => [
  ...new Map(members.map((member) => [member.name, member])).values(),
]

const COMMA = Buffer.from(',')
const END = Buffer.from('}')

function pieces(added: string, kept: readonly Member[], utf8: Uint8Array): Uint8Array[] {
  const members = kept.map(({ from, to }) => utf8.subarray(from, to))
  const first = added.slice(1, -1)
  return [
    Buffer.from(`{${first}`),
    ...members.flatMap((member, place) => (place === 0 && first === '' ? [member] : [COMMA, member])),
    END,
  ]
}
