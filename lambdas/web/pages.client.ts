/** Reading one page of the web, as text. Nobody tells afterwards which: every sentence here is made of numbers of our own. */
import { type Outbound, type OutboundAnswer, OutboundError } from '../http/outbound.client.ts'
import { bounded } from '../platform/bounded.host.ts'
import { cutBytes, oneLine, plainLines, withoutTags } from './clean-text.ts'
import { passes } from './domains.ts'
import type { ReadPage } from './html.ts'
import { kindOf, textOfBytes } from './page-text.ts'
import type { PageAnswer, PageError, PageQuestion, WebPages } from './web.ts'

export interface WebPagesTools {
  readonly outbound: Outbound
}

/** Source: API reference, "Web fetch tool", `url_too_long`. */
const LONGEST_URL = 250

/** The longest articles, with their markup, are below it; a file that is larger is no page. */
const MOST_BYTES = 2_000_000

/** Half of the context window that every model has, whoever asks for more. */
const MOST_TOKENS = 100_000
/** Of English text. Source: Anthropic's glossary, "Tokens": about 3.5 characters; markup of code has less in each. */
const BYTES_PER_TOKEN = 4

const LONGEST_TITLE = 200

/** An article of 200 kB is read in some 100 ms. A page that takes longer is made to, or gains nothing by being read well. */
const READING_MS = 1000
/** Below it, what was found for an article is mostly a box of the page. Source: Readability, `charThreshold`. */
const SHORTEST_ARTICLE = 500

const HEADERS = {
  accept: 'text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, */*;q=0.1',
  'accept-encoding': 'identity',
  'accept-language': 'en-US,en;q=0.9',
  // The form that servers expect; the name behind it is ours.
  'user-agent': 'Mozilla/5.0 (compatible; claude-code-gateway)',
}

type Failure = Extract<PageAnswer, { ok: false }>
const failed = (error: PageError, why: string): Failure => ({ ok: false, error, why })

export function openWebPages({ outbound }: WebPagesTools): WebPages {
  return {
    async read(question, signal) {
      const url = addressOf(question.url)
      if (typeof url !== 'string') return url
      if (!passes(url, question)) return NOT_ALLOWED
      try {
        return await readAnswer(await send(outbound, url, question, signal), question)
      } catch (thrown) {
        return failureOf(thrown)
      }
    },
  }
}

const NOT_ALLOWED = failed('url_not_allowed', 'The domains of the request exclude the address')

/** The address to ask, or what is wrong with it. */
function addressOf(text: string): string | Failure {
  const typed = text.trim()
  if (typed === '') return failed('invalid_tool_input', 'There was no address')
  if ([...typed].length > LONGEST_URL) {
    return failed('url_too_long', `The address has more than ${LONGEST_URL} characters`)
  }
  const url = URL.parse(typed)
  if (url === null) return failed('invalid_tool_input', 'The address is no URL')
  if (!/^https?:$/.test(url.protocol)) return failed('invalid_tool_input', 'The address is neither http nor https')
  // Links are often older than their site's certificate. What answers nothing but http is not read.
  if (url.protocol === 'http:' && url.port === '') url.protocol = 'https:'
  url.hash = ''
  return url.href
}

const send = (outbound: Outbound, url: string, question: PageQuestion, signal: AbortSignal): Promise<OutboundAnswer> =>
  outbound.send({
    url,
    method: 'GET',
    headers: HEADERS,
    followRedirects: true,
    maxBytes: MOST_BYTES,
    judge: (next) => (passes(next, question) ? null : NOT_ALLOWED.why),
    signal,
  })

async function readAnswer(answer: OutboundAnswer, question: PageQuestion): Promise<PageAnswer> {
  const { status, headers, body, url } = answer
  if (status === 429) return failed('too_many_requests', 'The site was asked too often')
  if (status !== 200) return failed('url_not_accessible', `The site answered with status ${status}`)
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    return failed('url_not_accessible', 'The site answered in an encoding that was not asked for')
  }
  const contentType = String(headers['content-type'] ?? '')
  const kind = kindOf(contentType)
  if (kind === 'pdf') return failed('unsupported_content_type', 'The address is of a PDF: those are not read')
  if (kind === 'other') return failed('unsupported_content_type', 'The address is of something else than text')
  const source = textOfBytes(body, contentType)
  const page: ReadPage = kind === 'html' ? await readHtml(source) : { title: null, text: source }
  const text = cutBytes(plainLines(page.text), BYTES_PER_TOKEN * tokensOf(question.maxTokens))
  if (text === '') return failed('url_not_accessible', 'There is no text at the address')
  return { ok: true, url, title: oneLine(page.title ?? '', LONGEST_TITLE) || null, text }
}

const tokensOf = (wish: number | null): number =>
  wish !== null && wish > 0 ? Math.min(Math.ceil(wish), MOST_TOKENS) : MOST_TOKENS

async function readHtml(html: string): Promise<ReadPage> {
  // Most requests read no page, and should not wait until this is loaded.
  const { readers } = await import('./parsing.ts')
  const article = bounded(READING_MS, () => readers.readArticle(html))
  if (article !== undefined && article.text.trim().length >= SHORTEST_ARTICLE) return article
  const body = bounded(READING_MS, () => readers.readBody(html))
  return body !== undefined && body.text.trim() !== '' ? body : { title: null, text: withoutTags(html) }
}

function failureOf(thrown: unknown): Failure {
  switch (thrown instanceof OutboundError ? thrown.trouble : undefined) {
    case 'refused':
      return thrown instanceof OutboundError && thrown.message === NOT_ALLOWED.why
        ? NOT_ALLOWED
        : failed('url_not_allowed', 'The address was refused: it must be https and of the public internet')
    case 'unknown-name':
      return failed('url_not_accessible', 'The name in the address cannot be resolved')
    case 'late':
      return failed('url_not_accessible', 'The site did not answer in time')
    case 'too-large':
      return failed('content_too_large', `The page has more than ${MOST_BYTES} bytes`)
    case 'failed':
      return failed('url_not_accessible', 'The connection to the site failed')
    case 'ended':
      return failed('unavailable', 'The request was called off')
    default:
      return failed('unavailable', 'The page could not be read')
  }
}
