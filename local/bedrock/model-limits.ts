/** What single models do not take, as data. Source: the model cards of Amazon Bedrock, and refusals that its users reported. */
import type { Json } from './validation.ts'

interface ModelLimit {
  /** Of Anthropic's undated names. */
  readonly models: RegExp
  /** InvokeModel alone; absent: the native Messages API too. */
  readonly on?: 'invoke'
  readonly betas?: readonly string[]
  readonly members?: readonly string[]
  /** @returns the refusal's message. */
  readonly rule?: (body: Json) => string | undefined
}

const BEFORE_4_6 = /^claude-(sonnet-4|sonnet-4-5|haiku-4-5|opus-4-5)$/

const typeIn = (value: unknown): unknown => (value as Json | null | undefined)?.type

const LIMITS: readonly ModelLimit[] = [
  {
    models: BEFORE_4_6,
    betas: ['mid-conversation-output-config-2026-07-01', 'mid-conversation-tool-changes-2026-07-01'],
  },
  {
    models: /^claude-(sonnet-4|sonnet-4-5|haiku-4-5)$/,
    betas: ['effort-2025-11-24'],
    members: ['output_config.effort'],
  },
  { models: /^claude-(opus-4-[78]|(opus|sonnet|haiku|fable)-5.*)$/, on: 'invoke', members: ['output_config.format'] },
  {
    models: /^claude-(opus-4-[78]|(opus|sonnet|haiku|fable)-5.*)$/,
    rule: ({ thinking }) =>
      typeIn(thinking) === 'enabled'
        ? '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        : undefined,
  },
  {
    models: /^claude-(opus|sonnet)-5-5$/,
    rule: ({ thinking }) =>
      typeIn(thinking) === 'disabled' ? '"thinking.type.disabled" is not supported for this model.' : undefined,
  },
  {
    models: /^claude-(opus-5-5|sonnet-5-5|fable-5-1)$/,
    rule: ({ tool_choice: choice }) =>
      ['any', 'tool'].includes(String(typeIn(choice)))
        ? 'tool_choice: type "tool" and "any" are not supported for this model.'
        : undefined,
  },
]

/** @param model Anthropic's undated name. */
export const limitsOf = (model: string, native: boolean): readonly ModelLimit[] =>
  LIMITS.filter(({ models, on }) => models.test(model) && !(native && on === 'invoke'))

/** The models that CountTokens counts for, by their own ids alone: those that are called by profiles only it refuses. */
export const COUNTED: readonly string[] = ['anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-20250514-v1:0']
