/** A Messages request as `count_tokens` takes it: what is asked, and nothing of how it is to be answered. */
import { JsonEdit } from '../json/json-edit.ts'

/** Source: Anthropic API reference, "Count tokens in a Message", which has no word for them and refuses them. */
const ABOUT_THE_ANSWER = [
  'max_tokens',
  'metadata',
  'service_tier',
  'stop_sequences',
  'stream',
  'temperature',
  'top_k',
  'top_p',
]

/** @param body a JSON object as UTF-8; what is counted passes byte for byte. */
export function countedBody(body: Uint8Array): Uint8Array {
  const edit = new JsonEdit(body)
  for (const name of ABOUT_THE_ANSWER) edit.remove([name])
  return edit.bytes()
}
