import * as z from 'zod/mini'

/** What the `messages` function reads from its environment. CDK's `environment` is typed from this schema. */
export const MessagesEnv = z.object({
  CORE_TABLE: z.string(),
  USAGE_TABLE: z.string(),
  /** First part of the inference profile ids asked for: `global`, or a geography such as `us` or `eu`. */
  INFERENCE_PROFILE_PREFIX: z._default(z.string(), 'global'),
})
