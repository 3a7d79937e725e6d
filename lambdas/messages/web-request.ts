/** What of a request is about the web: the tools it offers for it, and how it is told to Bedrock, which has none. */
import { concernsWeb, type Written, withWebTools } from '../web/rewritten.ts'
import type { WebSettings } from '../web/web.ts'
import { readWebTools, type WebTool } from '../web/web-tools.ts'
import type { MessageRequest } from './message-request.ts'

export interface WebRequest {
  readonly tools: readonly WebTool[]
  /** Whether anything of it has to be said otherwise. */
  readonly concerned: boolean
}

const NOT_CONCERNED: WebRequest = { tools: [], concerned: false }

/** @throws Fault `invalid_request`, naming the field of a tool. */
export const readWebRequest = ({ text, body }: Pick<MessageRequest, 'text' | 'body'>): WebRequest =>
  concernsWeb(text) ? { tools: readWebTools(body), concerned: true } : NOT_CONCERNED

export interface Prepared {
  readonly written: Written
  /** The tools that the model may call. */
  readonly offered: readonly WebTool[]
  /** Types of those that are switched off. */
  readonly leftOut: readonly string[]
}

/** The request with all of its tools, for who only wants to know how long it is. */
export const toBeCounted = (asked: MessageRequest): MessageRequest => {
  const { tools, concerned } = readWebRequest(asked)
  return concerned ? { ...asked, ...withWebTools(asked, tools, () => true) } : asked
}

/**
 * What is switched off is not offered. Where nothing else is, the request is about the web alone, as Claude Code's searches are: there it
 * is offered all the same, and each use says that it is not available. Without it the model would answer from memory, as if it had searched.
 */
export function prepareWeb(asked: MessageRequest, { tools, concerned }: WebRequest, settings: WebSettings): Prepared {
  if (!concerned) return { written: asked, offered: [], leftOut: [] }
  const isOn = ({ kind }: WebTool): boolean => (kind === 'search' ? settings.mode !== 'disabled' : settings.fetches)
  const isAlone = tools.length === toolCountOf(asked) && !tools.some(isOn)
  const offered = isAlone ? tools : tools.filter(isOn)
  return {
    written: withWebTools(asked, tools, (tool) => offered.includes(tool)),
    offered,
    leftOut: tools.filter((tool) => !offered.includes(tool)).map(({ kind }) => `tools.web_${kind}`),
  }
}

const toolCountOf = ({ body }: MessageRequest): number => (Array.isArray(body.tools) ? body.tools.length : 0)
