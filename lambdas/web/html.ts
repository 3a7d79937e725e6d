/** What a page says: the article in it where there is one, as text with its lines. */
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import type { DocumentElement, DocumentNode, HtmlDocument } from './dom.ts'

export interface ReadPage {
  readonly title: string | null
  /** Not cleaned. */
  readonly text: string
}

/** The article of the page. Its time may be out of all proportion to its size: nested deeply, a page of 100 kB takes seconds. */
export function readArticle(html: string): ReadPage | undefined {
  const document = documentOf(html)
  const title = titleOf(document)
  const article = new Readability<DocumentNode>(document as never, { serializer: (node) => node as never }).parse()
  const content = article?.content
  return content ? { title: article.title || title, text: textOf(content) } : undefined
}

/** All that the page shows. */
export function readBody(html: string): ReadPage {
  const document = documentOf(html)
  return { title: titleOf(document), text: document.body === null ? '' : textOf(document.body) }
}

function documentOf(html: string): HtmlDocument {
  // Without these, what is first in the page would be all of the document.
  const whole = /<body[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`
  return (parseHTML(whole) as unknown as { readonly document: HtmlDocument }).document
}

const titleOf = (document: HtmlDocument): string | null =>
  document.querySelector('title')?.textContent || document.querySelector('h1')?.textContent || null

/** Not for reading, or not by people. */
const UNREAD = new Set(
  'SCRIPT STYLE NOSCRIPT TEMPLATE IFRAME OBJECT EMBED SVG CANVAS HEAD TITLE SELECT BUTTON TEXTAREA'.split(' '),
)
/** They begin on a line of their own, and so does what follows them. */
const BLOCKS = new Set(
  'ADDRESS ARTICLE ASIDE BLOCKQUOTE DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION SUMMARY TABLE TR UL'.split(
    ' ',
  ),
)
/** With a line left free around them. */
const PARAGRAPHS = new Set('ARTICLE BLOCKQUOTE DL FIGURE H1 H2 H3 H4 H5 H6 OL P PRE SECTION TABLE UL'.split(' '))
const CELLS = new Set(['TD', 'TH'])

const TEXT = 3
const ELEMENT = 1

/** Text with its lines, as it is put together. */
interface Writer {
  /** From here a new line begins; 2: with one left free before it. */
  line(breaks: number): void
  /** Before whatever comes next on this line. */
  lead(mark: string): void
  /** @param kept Whether its spaces mean something. */
  write(text: string, kept: boolean): void
  /** Between two that stand beside each other. */
  tab(): void
  text(): string
}

function createWriter(): Writer {
  const parts: string[] = []
  let breaks = 2
  let mark = ''
  return {
    line(wanted) {
      breaks = Math.max(breaks, wanted)
    },
    lead(next) {
      mark = next
    },
    write(text, kept) {
      const begins = breaks > 0 && !kept ? text.trimStart() : text
      if (begins === '') return
      parts.push('\n'.repeat(breaks), mark, begins)
      breaks = 0
      mark = ''
    },
    tab() {
      if (breaks === 0) parts.push('\t')
    },
    text: () => parts.join(''),
  }
}

/** Without recursion: a page may be nested as deeply as it likes. */
function textOf(root: DocumentNode): string {
  const writer = createWriter()
  let preformatted = 0
  const enter = (node: DocumentNode): boolean => {
    if (node.nodeType === TEXT) {
      const text = node.textContent ?? ''
      if (preformatted > 0) writer.write(text, true)
      else writer.write(text.replace(/\s+/g, ' '), false)
      return false
    }
    if (node.nodeType !== ELEMENT || isUnread(node as DocumentElement)) return false
    const name = node.nodeName.toUpperCase()
    begin(writer, name)
    if (node.firstChild === null) return false
    if (name === 'PRE') preformatted++
    return true
  }
  const leave = (node: DocumentNode): void => {
    const name = node.nodeName.toUpperCase()
    if (name === 'PRE') preformatted--
    writer.line(breaksAround(name))
  }
  walk(root, enter, leave)
  return writer.text()
}

const breaksAround = (name: string): number => (PARAGRAPHS.has(name) ? 2 : BLOCKS.has(name) ? 1 : 0)

function begin(writer: Writer, name: string): void {
  writer.line(name === 'BR' ? 1 : breaksAround(name))
  if (CELLS.has(name)) writer.tab()
  if (name === 'LI') writer.lead('- ')
}

function walk(root: DocumentNode, enter: (node: DocumentNode) => boolean, leave: (node: DocumentNode) => void): void {
  let node: DocumentNode = root
  for (;;) {
    if (enter(node) && node.firstChild !== null) {
      node = node.firstChild
      continue
    }
    while (node.nextSibling === null || node === root) {
      if (node === root) return
      node = node.parentNode ?? root
      leave(node)
    }
    node = node.nextSibling
  }
}

/** What people do not see is often there for machines, and not meant well. */
function isUnread(element: DocumentElement): boolean {
  if (UNREAD.has(element.nodeName.toUpperCase())) return true
  if (element.getAttribute('hidden') !== null || element.getAttribute('aria-hidden') === 'true') return true
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(element.getAttribute('style') ?? '')
}
