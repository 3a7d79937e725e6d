/**
 * What is new in a request: a conversation is sent whole each time, so all before the last answer has been looked at
 * when it was new. The first request of a conversation is all new, its system prompt included.
 */
import { type Json, listOf, objectOf } from './json.ts'

export interface NewTurn {
  /** The answer whose tools the client has just run; `undefined` at the beginning of a conversation. */
  readonly answer: Json | undefined
  /** What came since, in order. */
  readonly since: readonly Json[]
}

/** The client sends one or two messages after an answer. */
const MOST_MESSAGES = 100

/** Touches no message before the last answer. */
export function newTurnOf(body: Json): NewTurn {
  const messages = listOf(body.messages)
  const since: Json[] = []
  for (let at = messages.length - 1; at >= 0 && since.length < MOST_MESSAGES; at--) {
    const message = objectOf(messages[at])
    if (message.role === 'assistant') return { answer: message, since: since.reverse() }
    since.push(message)
  }
  return { answer: undefined, since: since.reverse() }
}
