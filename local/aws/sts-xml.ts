/** Answers of the Query protocol in XML. Source: AWS Query protocol of Smithy, "Response serialization". */

export interface Xml {
  readonly [element: string]: string | Xml
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (value: string): string => value.replace(/[&<>"]/g, (sign) => ESCAPED[sign] ?? sign)

const elements = (xml: Xml): string =>
  Object.entries(xml)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escaped(value) : elements(value)}</${name}>`)
    .join('')

const metadata = (): Xml => ({ ResponseMetadata: { RequestId: crypto.randomUUID() } })

export const xmlOf = (operation: string, result: Xml): string =>
  `<${operation}Response xmlns="${NAMESPACE}">${elements({ [`${operation}Result`]: result, ...metadata() })}</${operation}Response>`

export const errorXml = (code: string, message: string): string =>
  `<ErrorResponse xmlns="${NAMESPACE}">${elements({
    Error: { Type: 'Sender', Code: code, Message: message },
    RequestId: crypto.randomUUID(),
  })}</ErrorResponse>`
