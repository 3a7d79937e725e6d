/** Limits that keys and people have in common. */
import * as z from 'zod'

/** Ten thousand requests a minute is beyond any person; it keeps the number in what the counters were built for. */
const HIGHEST_RPM = 10_000

/** Three hours of a whole company's traffic in a minute; whoever needs more wants no limit. */
const HIGHEST_TPM = 100_000_000

const within = (lowest: number, highest: number) =>
  z
    .int('must be a whole number')
    .min(lowest, `must be at least ${lowest}`)
    .max(highest, `must be at most ${highest.toLocaleString('en-US')}`)

export const Rpm = within(1, HIGHEST_RPM).meta({ description: 'Requests a minute; null: no limit.' })

/** Older clients send 0 for no limit. */
export const RpmOrZero = within(0, HIGHEST_RPM).meta({ description: 'Requests a minute; null and 0 mean no limit.' })

export const Tpm = within(1, HIGHEST_TPM).meta({
  description: 'Tokens a minute: input, cache writes and output; null: no limit.',
})

/** More models than there are; a list that long is a mistake. */
const MOST_MODELS = 100

export const AllowedModels = z
  .array(z.string().max(256, 'must have at most 256 characters'))
  .min(1, 'must name a model; null allows every model')
  .max(MOST_MODELS, `must have at most ${MOST_MODELS} models`)
  .meta({ description: "Anthropic's undated names, such as claude-opus-4-6; dated ones are taken for the same model." })
