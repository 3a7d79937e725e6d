/** A Messages request in InvokeModel's words, by what is generally known of Bedrock. */
import type { Json } from '../json/json-path.ts'
import { SEED_RULES } from './seed-rules.ts'
import { translate } from './translate.ts'

/** A request as it came, and what it says. */
export interface ReadRequest {
  /** JSON as UTF-8. */
  readonly utf8: Uint8Array
  readonly body: Json
}

const NOTHING: ReadonlySet<string> = new Set()

/** @returns JSON as UTF-8. */
export const toInvokeBody = ({ utf8, body }: ReadRequest, betaHeader: string | null): Uint8Array =>
  translate(
    { utf8, body, betaHeader, longContext: false },
    { kind: 'invoke', modelId: '', model: '' },
    { rules: SEED_RULES, refused: NOTHING, accepted: NOTHING },
  ).body
