/**
 * Reading HTML takes a library larger than all the rest of a function, so it is loaded when the first page is there to be read; deployed,
 * it is a file of its own (`lib/bundling/bundle.ts`).
 */
import { readDuckDuckGo } from './duckduckgo.ts'
import { readArticle, readBody } from './html.ts'

export const readers = { readDuckDuckGo, readArticle, readBody }
