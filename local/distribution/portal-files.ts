/** The portal's bucket, as the distribution reads it: a folder of files under their keys. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export function sendFile(
  { path: folder, cacheControl }: { readonly path: string; readonly cacheControl: ReadonlyMap<string, string> },
  uri: string,
  request: IncomingMessage,
  response: ServerResponse,
  ownHeaders: Readonly<Record<string, string>>,
): void {
  const content = read(folder, uri)
  if (content === undefined) {
    // S3 tells nobody without the right to list whether a key exists.
    response
      .writeHead(403, { ...ownHeaders, 'content-type': 'application/xml' })
      .end('<Error><Code>AccessDenied</Code></Error>')
    return
  }
  const kept = cacheControl.get(uri.replace(/^\//, ''))
  const caching = kept === undefined ? {} : { 'cache-control': kept }
  const etag = `"${createHash('md5').update(content).digest('hex')}"`
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { ...ownHeaders, ...caching, etag }).end()
    return
  }
  const type = TYPES[extname(uri)] ?? 'application/octet-stream'
  const about = { 'content-type': type, 'content-length': content.length, etag }
  response.writeHead(200, { ...ownHeaders, ...caching, ...about })
  response.end(request.method === 'HEAD' ? undefined : content)
}

function read(folder: string, uri: string): Buffer | undefined {
  let key: string
  try {
    key = normalize(decodeURIComponent(uri))
  } catch {
    return undefined
  }
  const path = join(folder, key)
  if (!path.startsWith(folder + sep)) return undefined
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined
  } catch {
    return undefined
  }
}
