/** What is written down beside an answer may fail; the answer and its bill may not. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, type Deployed, deploy } from '../support/deployed.ts'

let gateway: Deployed
beforeAll(async () => {
  gateway = await deploy({ faultProxy: true })
})
afterAll(() => gateway?.stop())

test('a note about an endpoint that cannot be written down disturbs neither the answer nor its bill', async () => {
  const endpoints = await Promise.all(
    ['us-west-2', 'us-east-2'].map(async (region) => {
      const wish = { name: `E ${randomUUID()}`, region, routing_prefix: 'us' }
      return (await (await gateway.admin('POST', '/admin/endpoints', wish)).json()) as { id: string }
    }),
  )
  const team = (await (await gateway.admin('POST', '/admin/teams', { name: 'T' })).json()) as { id: string }
  const list = endpoints.map(({ id }, priority) => ({ endpoint_id: id, priority }))
  await gateway.admin('PUT', `/admin/teams/${team.id}/endpoints`, {
    routing_strategy: 'primary_fallback',
    endpoints: list,
  })
  const { key } = await gateway.makeKey({ team_id: team.id, user_id: null })
  gateway.bedrock?.script
    .at({ region: 'us-west-2' })
    .always({ kind: 'error', status: 503, type: 'ServiceUnavailableException', message: 'Try again.' })
  gateway.bedrock?.script.at({ region: 'us-east-2' }).always({ kind: 'text', tokens: 60, chunkDelayMs: 100 })
  gateway.faults?.inject({ fault: 'internal-error', times: 1000, operation: 'UpdateItem' })

  const answer = await ask(gateway.messagesUrl, { key })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('event: message_stop')
  gateway.faults?.clear()
  await gateway.settled()
  const id = answer.headers.get('request-id')
  const row = (await gateway.items('usage', 'REQ#')).find(({ request_id }) => request_id === id)
  expect(gateway.logged.some((line) => line.includes('note_failed'))).toBe(true)
  expect(row).toMatchObject({ status: 'ok', estimated: false, endpoint_id: endpoints[1]?.id })
})
