/** The real Claude Code searches the web, through the bundle that is deployed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type SearchEngines, startSearchEngines } from '../../local/web/search-engines.ts'
import { claudeCode } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'
import { type Person, peopleAt } from '../support/person.ts'

let engines: SearchEngines
let gateway: Deployed
const people = peopleAt(() => gateway)
beforeAll(async () => {
  engines = await startSearchEngines()
  gateway = await deploy({ bedrock: { keepBodies: true }, maxEnvironments: 4 })
  const provider = {
    provider_type: 'searxng',
    api_url: engines.endpoints.searxng.replace(/\/search$/, ''),
    max_results: 3,
  }
  await gateway.admin('PUT', '/admin/websearch-mode', { mode: 'global', provider, fallback: false })
})
afterAll(async () => {
  await people.leave()
  await gateway?.stop()
  await engines?.stop()
})

const FOUND = ['paper', 'oil', 'magic'].map((kind) => ({
  title: `About ${kind} lanterns`,
  url: `https://example.org/${kind}`,
  snippet: `What is known of ${kind} lanterns.`,
}))
beforeEach(() => {
  engines.clear()
  engines.find(FOUND)
})

const search = (me: Person, query: string) => {
  me.script.next({ kind: 'tool', name: 'WebSearch', input: { query } })
  return me.claude('Search for it', { args: ['--allowedTools', 'WebSearch'] })
}

describe.skipIf(claudeCode === undefined)('a web search', () => {
  test('42: finds titles and addresses, in one request, and is counted', async () => {
    const me = await people.meet()
    const answer = await search(me, 'lanterns of all kinds')
    expect(answer.failed).toBe(false)
    for (const { title, url } of FOUND) {
      expect(answer.result).toContain(title)
      expect(answer.result).toContain(url)
    }
    expect(engines.asked().map(({ query }) => query)).toEqual(['lanterns of all kinds'])
    const searches = me.asked().filter(({ body }) => body.includes('"tools":[{"type":"web_search_20250305"'))
    expect(searches.map(({ status }) => status)).toEqual([200])
    const rows = await me.rows()
    expect(rows.filter((row) => row.web_searches === 1)).toHaveLength(1)
  })

  test('42: that fails is an error that the model is told of, and nobody invents results', async () => {
    engines.always('searxng', { kind: 'status', status: 503 })
    const me = await people.meet()
    const answer = await search(me, 'lanterns that nobody finds')
    expect(answer.result).toContain('Web search error: unavailable')
    expect(answer.result).not.toContain('example.org')
  })
})
