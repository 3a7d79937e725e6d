/** Which session of the client a request belongs to. */
import { type Json, objectOf, shortened } from './json.ts'
import { holdsSecret } from './secrets.ts'

/** A UUID has 36; what somebody else calls a session stays readable. */
const LONGEST_ID = 100
/** What the client writes has some 180. */
const LONGEST_USER_ID = 1_000

/**
 * Claude Code tells it in a header. In a body it stands in `metadata.user_id`: as a member of a JSON object in that
 * string, at the end of an older client's `user_…_session_<uuid>`, or, from other clients, as the string itself.
 */
export function sessionIdOf(body: Json, headers: Headers): string | null {
  const header = headers.get('x-claude-code-session-id')
  if (header) return shortened(header, LONGEST_ID)
  const { user_id } = objectOf(body.metadata)
  if (typeof user_id !== 'string' || user_id === '' || user_id.length > LONGEST_USER_ID) return null
  if (user_id.startsWith('{')) return memberOf(user_id)
  const plain = /_session_([0-9a-f-]{36})$/.exec(user_id)?.[1] ?? user_id
  return plain.length > LONGEST_ID || holdsSecret(plain) ? null : shortened(plain, LONGEST_ID)
}

function memberOf(json: string): string | null {
  try {
    const { session_id } = objectOf(JSON.parse(json))
    return typeof session_id === 'string' && session_id !== '' ? shortened(session_id, LONGEST_ID) : null
  } catch {
    return null
  }
}
