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
/** With a line left free before them. */
const PARAGRAPHS = new Set('ARTICLE BLOCKQUOTE DL FIGURE H1 H2 H3 H4 H5 H6 OL P PRE SECTION TABLE UL'.split(' '))
const CELLS = new Set(['TD', 'TH'])

const TEXT = 3
const ELEMENT = 1

/** Without recursion: a page may be nested as deeply as it likes. */
function textOf(root: DocumentNode): string {
  const parts: string[] = []
  let preformatted = 0
  const enter = (node: DocumentNode): boolean => {
    if (node.nodeType === TEXT) {
      const text = node.textContent ?? ''
      parts.push(preformatted > 0 ? text : text.replace(/\s+/g, ' '))
      return false
    }
    if (node.nodeType !== ELEMENT || isUnread(node as DocumentElement)) return false
    const name = node.nodeName.toUpperCase()
    parts.push(before(name))
    if (node.firstChild === null) return false
    if (name === 'PRE') preformatted++
    return true
  }
  const leave = (node: DocumentNode): void => {
    const name = node.nodeName.toUpperCase()
    if (name === 'PRE') preformatted--
    if (BLOCKS.has(name)) parts.push('\n')
  }
  walk(root, enter, leave)
  return parts.join('').replace(/\n[ \t]+(?=\n)/g, '\n')
}

function before(name: string): string {
  if (name === 'BR') return '\n'
  if (name === 'LI') return '\n- '
  if (CELLS.has(name)) return '\t'
  if (PARAGRAPHS.has(name)) return '\n\n'
  return BLOCKS.has(name) ? '\n' : ''
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
