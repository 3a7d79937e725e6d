/** How a receiver makes sure that a webhook comes from this gateway. Each was run against a signature of the gateway's. */

export const LANGUAGES = ['node', 'python'] as const
export type Language = (typeof LANGUAGES)[number]

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { node: 'Node.js', python: 'Python' }

export const SNIPPETS: Readonly<Record<Language, string>> = {
  node: `import { createHmac, timingSafeEqual } from 'node:crypto'

// body: the text as it came, before it is parsed
export function isFromGateway(headers, body, secret) {
  const timestamp = headers['x-ccag-timestamp'] ?? ''
  // Five minutes: what was recorded cannot be sent again later.
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
  const sum = createHmac('sha256', secret).update(timestamp + '.' + body).digest('hex')
  const given = Buffer.from(headers['x-ccag-signature'] ?? '')
  const expected = Buffer.from('v1=' + sum)
  return given.length === expected.length && timingSafeEqual(given, expected)
}`,
  python: `import hashlib, hmac, time

# body: the bytes as they came, before they are parsed
def is_from_gateway(headers, body, secret):
    timestamp = headers.get("x-ccag-timestamp", "0")
    # Five minutes: what was recorded cannot be sent again later.
    if abs(time.time() - int(timestamp)) > 300:
        return False
    signed = timestamp.encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("x-ccag-signature", ""), expected)`,
}
