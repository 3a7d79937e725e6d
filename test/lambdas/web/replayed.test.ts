import { expect, test } from 'vitest'
import { nanoUsd } from '../../../lambdas/platform/money.ts'
import { holdsWebBlocks, turnBack } from '../../../lambdas/web/replayed.ts'
import { searchBlock, toolResultOf } from '../../../lambdas/web/web-results.ts'

const hit = { title: 'A page', url: 'https://example.com/a', snippet: 'It says so.', pageAge: null }
const found = (id: string) => searchBlock(id, { ok: true, hits: [hit], provider: 'tavily', price: nanoUsd(0) })
const call = (id: string, query = 'q') => ({
  type: 'server_tool_use',
  id: `srv${id}`,
  name: 'web_search',
  input: { query },
})
const asked = (id: string, query = 'q') => ({ type: 'tool_use', id, name: 'web_search', input: { query } })
const text = (said: string) => ({ type: 'text', text: said })
const thought = { type: 'thinking', thinking: 'hm', signature: 'c2ln' }
const user = (content: unknown) => ({ role: 'user', content })
const assistant = (...content: unknown[]) => ({ role: 'assistant', content })

test('WS15: blocks of a search that come back are told as the turns that the model took, thinking in each of them', () => {
  const first = found('toolu_1')
  const second = found('toolu_2')
  expect(
    turnBack([
      user('Find it'),
      assistant(
        thought,
        text('One moment.'),
        call('toolu_1'),
        first,
        thought,
        call('toolu_2', 'more'),
        second,
        text('It is so.'),
      ),
      user('Thanks'),
    ]),
  ).toEqual([
    user('Find it'),
    assistant(thought, text('One moment.'), asked('toolu_1')),
    user([toolResultOf(first)]),
    assistant(thought, asked('toolu_2', 'more')),
    user([toolResultOf(second)]),
    assistant(text('It is so.')),
    user('Thanks'),
  ])
})

test('WS15: searches of one turn side by side stay one turn, whatever order their results come in', () => {
  const [one, two] = [found('toolu_1'), found('toolu_2')]
  expect(turnBack([user('x'), assistant(call('toolu_1'), call('toolu_2'), two, one, text('Done.'))])).toEqual([
    user('x'),
    assistant(asked('toolu_1'), asked('toolu_2')),
    user([toolResultOf(one), toolResultOf(two)]),
    assistant(text('Done.')),
  ])
})

test('WS13: what the client answers joins what the gateway has found, in one turn', () => {
  const one = found('toolu_1')
  const bash = { type: 'tool_use', id: 'toolu_b', name: 'Bash', input: {} }
  const result = { type: 'tool_result', tool_use_id: 'toolu_b', content: 'ok' }
  expect(turnBack([user('x'), assistant(call('toolu_1'), bash, one), user([result])])).toEqual([
    user('x'),
    assistant(asked('toolu_1'), bash),
    user([toolResultOf(one), result]),
  ])
})

test('a turn that was paused goes on: its results are the last word', () => {
  const one = found('toolu_1')
  expect(turnBack([user('x'), assistant(call('toolu_1'), one)])).toEqual([
    user('x'),
    assistant(asked('toolu_1')),
    user([toolResultOf(one)]),
  ])
})

test('a call that was broken off has a result that says so', () => {
  expect(turnBack([user('x'), assistant(text('I look.'), call('toolu_1')), user('Go on')])).toEqual([
    user('x'),
    assistant(text('I look.'), asked('toolu_1')),
    user([expect.objectContaining({ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true }), text('Go on')]),
  ])
})

test('a mark of the prompt cache stays with what it stands on', () => {
  const mark = { type: 'ephemeral' }
  const one = { ...found('toolu_1'), cache_control: mark }
  const [, , results] = turnBack([user('x'), assistant(call('toolu_1'), one, text('So.'))])
  expect(results).toEqual(user([expect.objectContaining({ type: 'tool_result', cache_control: mark })]))
})

test('a result that stands in the next message, or behind nothing, belongs to the call that it answers', () => {
  const one = found('toolu_1')
  expect(turnBack([user('x'), assistant(text('I look.'), call('toolu_1')), assistant(one, text('So.'))])).toEqual([
    user('x'),
    assistant(text('I look.'), asked('toolu_1')),
    user([toolResultOf(one)]),
    assistant(text('So.')),
  ])
  // Nobody has called for it: it is left out, and no turn is empty.
  expect(turnBack([user('x'), assistant(one, text('So.'))])).toEqual([user('x'), assistant(text('So.'))])
  expect(turnBack([user('x'), assistant(one), user('y')])).toEqual([user('x'), user('y')])
})

test('a message of the system between a call and what the client answers stays there', () => {
  const one = found('toolu_1')
  const bash = { type: 'tool_use', id: 'toolu_b', name: 'Bash', input: {} }
  const result = { type: 'tool_result', tool_use_id: 'toolu_b', content: 'ok' }
  const system = { role: 'system', content: 'Be brief.' }
  expect(turnBack([user('x'), assistant(call('toolu_1'), bash, one), system, user([result])])).toEqual([
    user('x'),
    assistant(asked('toolu_1'), bash),
    system,
    user([toolResultOf(one), result]),
  ])
})

test('what Bedrock could not take of Anthropic’s own history is left out: empty texts, callers, citations of its search', () => {
  const cited = { ...text('So it is.'), citations: [{ type: 'web_search_result_location', encrypted_index: 'x' }] }
  const other = { ...text('And so.'), citations: [...cited.citations, { type: 'char_location' }] }
  expect(
    turnBack([
      user('x'),
      assistant(text(''), { ...call('toolu_1'), caller: { type: 'direct' } }, found('toolu_1'), cited, other),
    ]),
  ).toEqual([
    user('x'),
    assistant(asked('toolu_1')),
    user([expect.objectContaining({ tool_use_id: 'toolu_1' })]),
    assistant(text('So it is.'), { ...text('And so.'), citations: [{ type: 'char_location' }] }),
  ])
  expect(turnBack([user('x'), assistant(cited)])).toEqual([user('x'), assistant(text('So it is.'))])
})

test('a conversation without such blocks is left alone, server tools that Bedrock knows among them', () => {
  const messages = [
    user('x'),
    assistant(
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'tool_search_tool_regex', input: {} },
      { type: 'tool_search_tool_result', tool_use_id: 'srvtoolu_1', content: {} },
    ),
  ]
  expect(holdsWebBlocks(messages)).toBe(false)
  expect(turnBack(messages)).toEqual(messages)
})
