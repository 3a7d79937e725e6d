/**
 * A Messages request in InvokeModel's words: the model moves into the URL, the choice of streaming into the operation,
 * the betas into the body. Everything else passes as it came, known or not.
 */
import { betasFor } from './betas.ts'

const ANTHROPIC_VERSION = 'bedrock-2023-05-31'

/** What clients of the reference gateway get when they leave it out; Bedrock itself demands a number. */
const DEFAULT_MAX_TOKENS = 8096

/** @returns JSON as UTF-8. */
export function toInvokeBody(body: Readonly<Record<string, unknown>>, betaHeader: string | null): Uint8Array {
  // Taken out: what InvokeModel says elsewhere, and `mcp_servers`, which Bedrock has no connector for.
  const { model: _model, stream: _stream, betas, anthropic_beta, mcp_servers: _mcpServers, ...rest } = body
  const flags = betasFor(betaHeader, anthropic_beta ?? betas)
  return new TextEncoder().encode(
    JSON.stringify({
      anthropic_version: ANTHROPIC_VERSION,
      ...(flags.length > 0 && { anthropic_beta: flags }),
      ...rest,
      max_tokens: body.max_tokens ?? DEFAULT_MAX_TOKENS,
    }),
  )
}
