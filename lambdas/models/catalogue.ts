/**
 * Claude models whose Bedrock id is not simply `anthropic.<Anthropic's name>`, and what each is called where.
 * From Claude Opus 4.7 on the two names agree, so a new model needs no entry here.
 * Source: the model cards of the Amazon Bedrock user guide, "Supported foundation models".
 */

export interface CatalogueEntry {
  /** The name without a date, as Anthropic's API lists it. */
  readonly name: string
  /** The dated names that mean the same model. */
  readonly dated: readonly string[]
  /** The id on Bedrock, without the prefix of an inference profile. */
  readonly bedrock: string
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  { name: 'claude-opus-4-6', dated: ['claude-opus-4-6-20250605'], bedrock: 'anthropic.claude-opus-4-6-v1' },
  { name: 'claude-sonnet-4-6', dated: ['claude-sonnet-4-6-20250514'], bedrock: 'anthropic.claude-sonnet-4-6' },
  {
    name: 'claude-sonnet-4-5',
    dated: ['claude-sonnet-4-5-20250929'],
    bedrock: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  },
  { name: 'claude-opus-4-5', dated: ['claude-opus-4-5-20251101'], bedrock: 'anthropic.claude-opus-4-5-20251101-v1:0' },
  {
    name: 'claude-haiku-4-5',
    dated: ['claude-haiku-4-5-20251001'],
    bedrock: 'anthropic.claude-haiku-4-5-20251001-v1:0',
  },
  {
    name: 'claude-sonnet-4',
    dated: ['claude-sonnet-4-20250514', 'claude-sonnet-4-0'],
    bedrock: 'anthropic.claude-sonnet-4-20250514-v1:0',
  },
  {
    name: 'claude-opus-4',
    dated: ['claude-opus-4-20250514', 'claude-opus-4-0'],
    bedrock: 'anthropic.claude-opus-4-20250514-v1:0',
  },
  { name: 'claude-opus-4-1', dated: ['claude-opus-4-1-20250805'], bedrock: 'anthropic.claude-opus-4-1-20250805-v1:0' },
]
