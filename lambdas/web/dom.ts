/** As much of a document as is read here, as `linkedom` and a browser give it. */
export interface DocumentNode {
  /** 1: element, 3: text. Source: DOM standard, "Interface Node". */
  readonly nodeType: number
  readonly nodeName: string
  readonly textContent: string | null
  readonly firstChild: DocumentNode | null
  readonly nextSibling: DocumentNode | null
  readonly parentNode: DocumentNode | null
}

export interface DocumentElement extends DocumentNode {
  getAttribute(name: string): string | null
  querySelector(selector: string): DocumentElement | null
  querySelectorAll(selector: string): Iterable<DocumentElement>
}

export interface HtmlDocument extends DocumentElement {
  readonly title: string
  readonly body: DocumentElement | null
}
