/** Answers of the Query protocol in XML. Source: AWS Query protocol of Smithy, "Response serialization". */

export interface Xml {
  readonly [element: string]: string | Xml
}

/** By which a service's answers are told apart. */
export type Namespace = 'https://sts.amazonaws.com/doc/2011-06-15/' | 'http://sns.amazonaws.com/doc/2010-03-31/'

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (value: string): string => value.replace(/[&<>"]/g, (sign) => ESCAPED[sign] ?? sign)

const elements = (xml: Xml): string =>
  Object.entries(xml)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escaped(value) : elements(value)}</${name}>`)
    .join('')

const metadata = (): Xml => ({ ResponseMetadata: { RequestId: crypto.randomUUID() } })

export const xmlOf = (namespace: Namespace, operation: string, result: Xml): string =>
  `<${operation}Response xmlns="${namespace}">${elements({ [`${operation}Result`]: result, ...metadata() })}</${operation}Response>`

export const errorXml = (namespace: Namespace, code: string, message: string): string =>
  `<ErrorResponse xmlns="${namespace}">${elements({
    Error: { Type: 'Sender', Code: code, Message: message },
    RequestId: crypto.randomUUID(),
  })}</ErrorResponse>`
