/** Nobody in between: what everybody else is compared with. */
import type { Target } from '../client.ts'
import { BEDROCK_MODEL } from '../workload.ts'

/** The simulator looks at the form of a signature only. */
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`

/** As a frame of the event stream carries it; 21 bytes, which base64 turns into whole groups. */
const MESSAGE_STOP = Buffer.from('{"type":"message_stop').toString('base64')

export const directTarget = (bedrockUrl: string): Target => ({
  url: `${bedrockUrl}/model/${encodeURIComponent(BEDROCK_MODEL)}/invoke-with-response-stream`,
  headers: { authorization: AUTHORIZATION },
  isWhole: (tail) => tail.includes(MESSAGE_STOP),
})
