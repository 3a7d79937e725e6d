/**
 * What a request will probably use, before it is sent: closer than the estimate that an abandoned one is billed by, which must not be too low.
 * A conversation that goes on finds all before its last answer in the prompt cache, if it asked for caching; what is new is written there.
 */
import { newTurnOf } from '../detection/new-turn.ts'
import type { Usage } from '../spend/usage.ts'
import { estimatePromptTokens } from './estimate-tokens.ts'
import type { MessageRequest } from './message-request.ts'

/** @param estimate By bytes; of images and documents that is many times what they are read as. */
export function likelyUsage(asked: Pick<MessageRequest, 'body' | 'text'>, estimate: Usage): Usage {
  const all = estimatePromptTokens(asked.body)
  if (!asked.text.includes('"cache_control"')) return { ...estimate, inputTokens: all }
  const { answer, since } = newTurnOf(asked.body)
  const fresh = answer === undefined ? all : Math.min(all, estimatePromptTokens({ messages: since }))
  return { ...estimate, inputTokens: 0, cacheReadTokens: all - fresh, cacheWrite5mTokens: fresh }
}

/** What counts for a limit of tokens a minute: cache reads are free. */
export const pacedTokens = (usage: Usage): number =>
  usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens + usage.outputTokens
