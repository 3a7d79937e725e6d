/** What Bedrock is told beside a request, as attributes of endpoints and teams; the contract has them under the same names. */
import * as z from 'zod/mini'
import { type BedrockOptions, SERVICE_TIERS } from './endpoint.ts'

const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)

export const optionAttributes = {
  guardrail_id: orNull(z.string()),
  guardrail_version: orNull(z.string()),
  service_tier: orNull(z.enum(SERVICE_TIERS)),
  latency: orNull(z.enum(['standard', 'optimized'])),
}
const OptionAttributes = z.object(optionAttributes)
type WrittenOptions = z.output<typeof OptionAttributes>

export const writtenOptions = ({ guardrail, serviceTier, latency }: BedrockOptions): WrittenOptions => ({
  guardrail_id: guardrail?.id ?? null,
  guardrail_version: guardrail?.version ?? null,
  service_tier: serviceTier,
  latency,
})

/** A guardrail without a version is none. */
export const optionsOf = (written: WrittenOptions): BedrockOptions => ({
  guardrail:
    written.guardrail_id !== null && written.guardrail_version !== null
      ? { id: written.guardrail_id, version: written.guardrail_version }
      : null,
  serviceTier: written.service_tier,
  latency: written.latency,
})
