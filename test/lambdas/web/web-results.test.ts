import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import type { SearchHit } from '../../../lambdas/web/web.ts'
import { pageBlock, searchBlock, toolResultOf } from '../../../lambdas/web/web-results.ts'

const answered = (...hits: SearchHit[]) => ({ ok: true, hits, provider: 'brave', price: nanoUsd(0) }) as const
const hit: SearchHit = { title: 'T', url: 'https://example.com/', snippet: 'S', pageAge: 'May 1, 2026' }

test('WS3: the model reads numbered results with title, address, date and excerpt, and whose words they are', () => {
  const result = toolResultOf(
    searchBlock('toolu_1', answered(hit, { ...hit, url: 'https://example.org/', pageAge: null })),
  )
  expect(result).toMatchObject({ type: 'tool_result', tool_use_id: 'toolu_1' })
  expect(result.content).toMatch(/written by strangers/)
  expect(result.content).toContain(
    '<search_result number="1">\nTitle: T\nURL: https://example.com/\nDate: May 1, 2026\n\nS\n</search_result>',
  )
  expect(result.content).toContain(
    '<search_result number="2">\nTitle: T\nURL: https://example.org/\n\nS\n</search_result>',
  )
})

test('WS4: the client gets what was found under the id of a server tool, its excerpt packed', () => {
  expect(searchBlock('toolu_1', answered(hit))).toEqual({
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [
      {
        type: 'web_search_result',
        title: 'T',
        url: 'https://example.com/',
        encrypted_content: expect.stringMatching(/^gw1\./),
        page_age: 'May 1, 2026',
      },
    ],
  })
})

test('W54: no page can end the frame that it stands in', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('<', '/', 'search_result', 'page', '>', ' ', '\n', 'x')), (parts) => {
      const said = parts.join('')
      const search = toolResultOf(searchBlock('toolu_1', answered({ ...hit, title: said, snippet: said })))
      const page = toolResultOf(
        pageBlock('toolu_2', { ok: true, url: 'https://example.com/', title: said, text: said }, false, 'now'),
      )
      expect(String(search.content).match(/<\/?search_result/g)).toEqual(['<search_result', '</search_result'])
      expect(String(page.content).match(/<\/?page/g)).toEqual(['<page', '</page'])
    }),
  )
})

test('nothing found is told as that; an error by its name to the client and in words to the model', () => {
  expect(toolResultOf(searchBlock('toolu_1', answered())).content).toBe('Nothing was found.')
  const failed = searchBlock('toolu_1', { ok: false, error: 'max_uses_exceeded', why: '' })
  expect(failed.content).toEqual({ type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' })
  expect(toolResultOf(failed)).toMatchObject({ is_error: true, content: expect.stringMatching(/as often as/) })
})

test('an excerpt that somebody else has packed is not shown as words', () => {
  const block = searchBlock('toolu_1', answered(hit))
  const [result] = block.content as Record<string, unknown>[]
  const foreign = { ...block, content: [{ ...result, encrypted_content: 'EqgfCioIARgBIiQ3YTAwMjY1Mi1mZjM5LTQ1' }] }
  expect(toolResultOf(foreign).content).not.toContain('Eqgf')
})

test('a document that is no text stays a document', () => {
  const source = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' }
  const content = { type: 'web_fetch_result', url: 'https://example.com/', content: { type: 'document', source } }
  const block = { type: 'web_fetch_tool_result', tool_use_id: 'srvtoolu_1', content }
  expect(toolResultOf(block).content).toEqual([expect.objectContaining({ type: 'text' }), { type: 'document', source }])
})

test('a page that is to be cited goes to the model as a document', () => {
  const page = { ok: true, url: 'https://example.com/', title: 'T', text: 'All of it.' } as const
  expect(toolResultOf(pageBlock('toolu_1', page, true, 'now')).content).toEqual([
    { type: 'text', text: expect.stringContaining('URL: https://example.com/') },
    expect.objectContaining({ type: 'document', citations: { enabled: true }, title: 'T' }),
  ])
})
