/** The real Claude Code, from a clean home directory, through the bundle that is deployed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBER } from '../../lambdas/endpoints/probe-betas.flow.ts'
import { expectBooksToAgree } from '../support/books.ts'
import { askClaude, claudeCode, resultOf, run, type Told } from '../support/claude-code.ts'
import { type Deployed, deploy } from '../support/deployed.ts'

describe.skipIf(claudeCode === undefined)('Claude Code', () => {
  let gateway: Deployed
  let key: { id: string; key: string }
  const home = mkdtempSync(join(tmpdir(), 'claude-home-'))

  beforeAll(async () => {
    gateway = await deploy({ maxEnvironments: 4 })
    key = await gateway.makeKey({ name: 'Claude Code' })
  })
  afterAll(async () => {
    await gateway?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  const claude = (
    prompt: string,
    more: { args?: string[]; base?: string; credential?: Record<string, string> } = {},
  ): Promise<Told> =>
    askClaude(home, [prompt, ...(more.args ?? [])], {
      ANTHROPIC_BASE_URL: more.base ?? gateway.messagesUrl,
      ...(more.credential ?? { ANTHROPIC_AUTH_TOKEN: key.key }),
    })

  test('a question is answered', async () => {
    const told = await claude('How are you?')
    expect([told.code, resultOf(told)]).toMatchObject([
      0,
      { is_error: false, result: expect.stringContaining('Hello from the simulated model.') },
    ])
  })

  test('a tool runs on this machine and its result comes back', async () => {
    const told = await claude('run the tool: echo "sum $((40 + 2))"', { args: ['--allowedTools', 'Bash(echo:*)'] })
    expect([told.code, resultOf(told)]).toMatchObject([
      0,
      { is_error: false, result: expect.stringContaining('sum 42') },
    ])
    await gateway.settled()
    const tools = await gateway.items('usage', 'TOOLS#')
    expect(tools).toMatchObject([{ 't#Bash': 1 }])
  })

  test('through the distribution, with an API key instead of a token', async () => {
    const told = await claude('How are you?', { base: gateway.gatewayUrl, credential: { ANTHROPIC_API_KEY: key.key } })
    expect([told.code, resultOf(told)]).toMatchObject([0, { is_error: false }])
  })

  test('with a base URL that ends in /v1, of an older model', async () => {
    const told = await claude('How are you?', {
      base: `${gateway.messagesUrl}/v1`,
      args: ['--model', 'claude-sonnet-4-5'],
    })
    expect([told.code, resultOf(told)]).toMatchObject([0, { is_error: false }])
  })

  test('set up by the script that the gateway hands out, and taken back by the other one', async () => {
    const mine = mkdtempSync(join(tmpdir(), 'claude-home-'))
    const settings = join(mine, '.claude/settings.json')
    const before = '{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"},\n "permissions": {"deny": ["WebSearch"]}}'
    mkdirSync(join(mine, '.claude'))
    writeFileSync(settings, before)
    const made = (await gateway.makeKey({ name: 'laptop', setup: true })) as Awaited<
      ReturnType<Deployed['makeKey']>
    > & { readonly setup: { readonly id: string; readonly token: string } }
    const state = async () =>
      (await (await gateway.admin('GET', `/admin/setup-tokens/${made.setup.id}`)).json()) as Record<string, unknown>
    const pipe = (path: string, options: string): Promise<Told> =>
      run('/bin/sh', ['-c', `curl -fsSL '${gateway.gatewayUrl}${path}' | sh -s -- ${options}`], mine)

    expect(await pipe('/auth/setup', `--token ${made.setup.token} --scope user`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Signed in at '),
    })
    expect(await state()).toMatchObject({ state: 'used', used_at: expect.any(String), first_request_at: null })
    // Function URLs have other ports after a restart; the distribution's stays.
    expect(JSON.parse(readFileSync(settings, 'utf8')).env.ANTHROPIC_BASE_URL).toBe(gateway.gatewayUrl)
    const told = await askClaude(mine, ['How are you?'])
    expect([told.code, resultOf(told)]).toMatchObject([0, { is_error: false }])
    await gateway.settled()
    expect((await state()).first_request_at).toEqual(expect.any(String))
    expect((await pipe('/auth/setup/remove', '')).code).toBe(0)
    expect(readFileSync(settings, 'utf8')).toBe(before)
    rmSync(mine, { recursive: true, force: true })
  })

  test('a refusal of Bedrock that heals is healed: the prompt is compacted or the words are shown', async () => {
    gateway.bedrock?.script.next({
      kind: 'error',
      status: 429,
      type: 'ThrottlingException',
      message: 'Too many tokens',
      retryAfterSeconds: 1,
    })
    const told = await claude('How are you?')
    expect([told.code, resultOf(told)]).toMatchObject([0, { is_error: false }])
    expect(told.events.filter((event) => event.subtype === 'api_retry')).toHaveLength(1)
  })

  test('rows, counters and aggregates equal what Bedrock counted', async () => {
    await expectBooksToAgree(gateway)
    // The gateway's own requests, by which it tries what an endpoint takes, belong to no session.
    const rows = (await gateway.items('usage', 'REQ#')).filter((row) => row.identity !== PROBER)
    expect(rows.every((row) => typeof row.session_id === 'string')).toBe(true)
    // Where the client works: the two models are told it in different places.
    const project = home.split('/').slice(-2).join('/')
    const told = (model: string) => rows.filter((row) => row.model === model)
    for (const model of ['claude-opus-5-5', 'claude-sonnet-4-5']) {
      expect(told(model).some((row) => row.project_key === project)).toBe(true)
    }
    expect(told('claude-opus-5-5')).toContainEqual(expect.objectContaining({ thinking: 'adaptive', flags: [] }))
    expect(told('claude-sonnet-4-5')).toContainEqual(expect.objectContaining({ thinking: 'enabled', flags: [] }))
    expect(rows).toContainEqual(
      expect.objectContaining({ answered_tools: [{ name: 'Bash', count: 1 }], tool_errors: 0, turn_count: 4 }),
    )
  })

  test('after the key is revoked the next request fails at once, with our sentence', async () => {
    await gateway.admin('POST', `/admin/keys/${key.id}/revoke`)
    const before = gateway.bedrock?.tally().length
    const told = await claude('How are you?')
    expect(told.code).not.toBe(0)
    expect(told.stdout).toContain('This API key has been revoked')
    expect(told.events.filter((event) => event.subtype === 'api_retry')).toEqual([])
    expect(gateway.bedrock?.tally().length).toBe(before)
  })
})
