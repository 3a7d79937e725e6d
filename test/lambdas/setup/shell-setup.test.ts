/**
 * The scripts as people run them: piped into each shell that this machine has, in a clean home, with nothing on the PATH but
 * the tools of a plain system and one of those that can read JSON; against the control plane's app behind a real port.
 */
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MESSAGES_URL, startControl, type TestControl, type TestPerson } from '../../support/control.ts'
import { type ServedControl, serveControl } from '../../support/served-control.ts'

/** Where a program is, if this machine has it. */
function find(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file))
  return path === undefined ? undefined : realpathSync(path)
}

/** A shim of a version manager is a script that needs more than a name on the PATH; the program behind it is asked for. */
function findPython(): string | undefined {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

const SHELLS = ['dash', 'bash', 'zsh'] as const
const ENGINES: Readonly<Record<string, string | undefined>> = {
  jq: find('jq'),
  node: process.execPath,
  python3: findPython(),
}
/** For what is not about JSON: jq starts five times as fast as node does. */
const QUICKEST = ENGINES.jq === undefined ? 'node' : 'jq'

const TOOLS =
  'cat chmod cp curl cut date dirname env git grep head id mkdir mktemp mv readlink rm rmdir sed stat tail tr uname'

let work: string
let control: TestControl
let served: ServedControl
let person: TestPerson
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'setup-scripts-'))
  control = await startControl()
  served = await serveControl(control)
  for (const [engine, path] of [...Object.entries(ENGINES), ['none', undefined] as const]) {
    const folder = join(work, `path-${engine}`)
    mkdirSync(folder)
    for (const tool of TOOLS.split(' ')) symlinkSync(String(find(tool)), join(folder, tool))
    if (path !== undefined) symlinkSync(path, join(folder, engine))
  }
})
afterAll(async () => {
  await served.stop()
  await control.stop()
  rmSync(work, { recursive: true, force: true })
})

let home: string
beforeEach(async () => {
  control.advance(60_000)
  // A person has so many keys and no more.
  person = await control.person()
  // Quotes, spaces, a dollar and a backtick: nothing in a path may become code.
  home = mkdtempSync(join(work, 'it\'s "home" $(touch hacked) `touch hacked` '))
})

interface Run {
  readonly args?: readonly string[]
  readonly shell?: string
  readonly engine?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly script?: string
  readonly query?: string
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const fetchScript = async (path: string): Promise<string> => (await fetch(served.url + path)).text()

/** `curl … | sh -s -- …`, without a terminal to ask at. */
async function pipe(path: string, run: Run): Promise<Ended> {
  const script = run.script ?? (await fetchScript(path))
  const child = spawn(String(find(run.shell ?? 'sh')), ['-s', '--', ...(run.args ?? [])], {
    cwd: run.cwd ?? home,
    detached: true,
    env: { PATH: join(work, `path-${run.engine ?? QUICKEST}`), HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...run.env },
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => {
    out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data
  })
  // A script may end before it has read all of itself.
  child.stdin.on('error', () => {})
  child.stdin.end(script)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

const setup = (run: Run = {}) => pipe(`/auth/setup${run.query ?? ''}`, run)
const remove = (run: Run = {}) => pipe('/auth/setup/remove', run)

interface Made {
  readonly id: string
  readonly key: string
  readonly setup: { readonly id: string; readonly token: string }
}
const makeKey = async (name = 'laptop'): Promise<Made> =>
  (await control.ask('POST', '/admin/keys', { token: person.token, body: { name, setup: true } })).body
const newToken = async ({ id, key }: Made): Promise<string> =>
  (await control.ask('POST', `/admin/keys/${id}/setup-token`, { token: person.token, body: { raw_key: key } })).body
    .token
const stateOf = async (made: Made) =>
  (await control.ask('GET', `/admin/setup-tokens/${made.setup.id}`, { token: person.token })).body

const setMode = async (mode: string): Promise<void> => {
  const { token } = await control.person({ role: 'admin' })
  expect((await control.ask('PUT', '/admin/websearch-mode', { token, body: { mode } })).status).toBe(200)
}

const settingsFile = (): string => join(home, '.claude/settings.json')
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)
const given = (file: string, content: unknown): string => {
  mkdirSync(join(file, '..'), { recursive: true })
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  writeFileSync(file, text)
  return text
}
/** Every file under a folder with its content and mode: what must be as it was. */
function picture(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    entries
      .filter((entry) => !/(?:^|\/)\.git(?:\/|$)/.test(entry))
      .map((entry) => {
        const path = join(folder, entry)
        const status = lstatSync(path)
        return [entry, status.isFile() ? `${modeOf(path)} ${readFileSync(path, 'utf8')}` : 'no file']
      }),
  )
}
const wanted = (key: string) => ({
  ANTHROPIC_BASE_URL: MESSAGES_URL,
  ANTHROPIC_AUTH_TOKEN: key,
  CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
})

/** Others' values of every kind, what stands against ours, and what ours replace. */
const OTHERS = {
  $schema: 'https://json.schemastore.org/claude-code-settings.json',
  apiKeyHelper: 'bash ~/helper.sh "a b"',
  permissions: { deny: ['WebSearch', 'Bash(rm *)'], allow: [] },
  env: {
    KEEP: 'it\'s "kept" \\ $(touch hacked) `touch hacked`\nsecond line \u00e4 \u{1f600}',
    ANTHROPIC_BASE_URL: 'https://elsewhere.example',
    CLAUDE_CODE_USE_BEDROCK: '1',
    ANTHROPIC_MODEL: 'us.anthropic.claude-sonnet-4',
    ANTHROPIC_API_KEY: "sk-ant-'old'",
  },
  when: '2026-01-01T00:00:00.500Z',
  nothing: null,
  list: [[], {}, [1.5, true]],
}

const afterSetup = (key: string) => {
  const { apiKeyHelper: _, ...rest } = OTHERS
  return { ...rest, env: { KEEP: OTHERS.env.KEEP, ...wanted(key) } }
}

/** Each shell with one of the programs that read JSON; and each of those, in every way, with the shell that is everywhere. */
const COMBINATIONS = [
  ...SHELLS.map((shell) => ({ shell, engine: QUICKEST, everyWay: false, missing: find(shell) === undefined })),
  ...Object.entries(ENGINES).map(([engine, path]) => ({
    shell: 'sh',
    engine,
    everyWay: true,
    missing: path === undefined,
  })),
]

describe.each(COMBINATIONS)('$shell with $engine (missing here: $missing)', ({ shell, engine, everyWay, missing }) => {
  describe.skipIf(missing)('here', () => {
    test('sets a fresh home up, signs in, confirms; a second run changes nothing; remove leaves no trace', async () => {
      const made = await makeKey()
      const before = picture(home)
      const first = await setup({ shell, engine, args: ['--token', made.setup.token] })
      expect([first.code, first.err]).toEqual([0, ''])
      expect(first.out).toContain(`Signed in at ${served.url} with the key "laptop".`)
      expect(first.out).toMatch(/\nDone\. Start Claude Code with: claude\n$/)
      expect(first.out).not.toContain(made.key)
      expect(json(settingsFile())).toEqual({ env: wanted(made.key) })
      expect(modeOf(settingsFile())).toBe('600')
      expect(await stateOf(made)).toMatchObject({
        state: 'used',
        used_from: expect.stringMatching(/^(Linux|WSL|macOS)$/),
      })

      const between = picture(home)
      expect(JSON.stringify({ ...between, '.claude/settings.json': '' })).not.toContain(made.key)
      const second = await setup({ shell, engine, args: [`--token=${await newToken(made)}`, '--scope=user'] })
      expect([second.code, second.err]).toEqual([0, ''])
      expect(second.out).toContain('Nothing to change')
      expect(picture(home)).toEqual(between)

      const removed = await remove({ shell, engine })
      expect([removed.code, removed.err]).toEqual([0, ''])
      expect(picture(home)).toEqual(before)
      const again = await remove({ shell, engine })
      expect([again.code, again.out]).toEqual([0, expect.stringContaining('nothing to undo')])
    })

    test('keeps the values of others, takes out what stands against ours, and remove puts it back to the byte', async () => {
      const made = await makeKey()
      const text = given(settingsFile(), `\ufeff${JSON.stringify(OTHERS, null, 7)}\n\n`)
      chmodSync(settingsFile(), 0o640)
      const before = picture(home)
      const first = await setup({ shell, engine, args: ['--token', made.setup.token] })
      expect([first.code, first.err]).toEqual([0, ''])
      expect(json(settingsFile())).toEqual(afterSetup(made.key))
      expect(modeOf(settingsFile())).toBe('600')
      const backup = readdirSync(join(home, '.claude')).find((name) => name.includes('.bak-'))
      expect(readFileSync(join(home, '.claude', String(backup)), 'utf8')).toBe(text)
      expect((await remove({ shell, engine, args: ['--dry-run'] })).out).toContain('nothing is changed now')
      expect(json(settingsFile())).toEqual(afterSetup(made.key))
      expect((await remove({ shell, engine })).code).toBe(0)
      expect(picture(home)).toEqual(before)
    })

    test('a name of a key can be any text, and is shown as it is', async () => {
      const name = `it's "mine" $(touch hacked) \`touch hacked\` \\n %s ; rm -rf . #`
      const made = await makeKey(name)
      const { code, out } = await setup({ shell, engine, args: ['--token', made.setup.token] })
      expect([code, out]).toEqual([0, expect.stringContaining(`with the key "${name}".`)])
      expect(existsSync(join(home, 'hacked'))).toBe(false)
    })

    if (!everyWay) return

    test('remove leaves alone what was changed since, and puts back only what nothing took the place of', async () => {
      const made = await makeKey()
      given(settingsFile(), OTHERS)
      await setup({ shell, engine, args: ['--token', made.setup.token] })
      const changed = json(settingsFile())
      changed.env.ANTHROPIC_AUTH_TOKEN = 'of somebody else'
      changed.env.ANTHROPIC_MODEL = 'claude-opus-5-5'
      changed.apiKeyHelper = 'another'
      changed.theme = 'dark'
      given(settingsFile(), changed)
      const { code, out } = await remove({ shell, engine })
      expect(code).toBe(0)
      for (const name of ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_MODEL', 'apiKeyHelper']) {
        expect(out).toContain(`left alone    ${name} (changed since)`)
      }
      const env = { ...OTHERS.env, ANTHROPIC_AUTH_TOKEN: 'of somebody else', ANTHROPIC_MODEL: 'claude-opus-5-5' }
      expect(json(settingsFile())).toEqual({ ...OTHERS, apiKeyHelper: 'another', theme: 'dark', env })
      expect(readdirSync(join(home, '.claude'))).toEqual(['settings.json'])
    })

    test('another key takes the place of ours, and remove goes back to what was before the first', async () => {
      const [one, other] = [await makeKey(), await makeKey('other')]
      given(settingsFile(), OTHERS)
      const before = picture(home)
      expect((await setup({ shell, engine, args: ['--token', one.setup.token] })).code).toBe(0)
      expect((await setup({ shell, engine, args: ['--token', other.setup.token] })).code).toBe(0)
      expect(json(settingsFile())).toEqual(afterSetup(other.key))
      expect(readFileSync(join(home, '.claude/settings.gateway.json'), 'utf8')).not.toContain(one.key)
      expect((await remove({ shell, engine })).code).toBe(0)
      expect(picture(home)).toEqual(before)
    })

    test.each(['{"env": {', '[]', '"text"', '{"env": 7}', '{} {}', 'null', '// note\n{}'])(
      'refuses settings that are %j, says where, and changes nothing',
      async (content) => {
        const made = await makeKey()
        given(settingsFile(), content)
        const before = picture(home)
        const { code, err } = await setup({ shell, engine, args: ['--token', made.setup.token] })
        expect([code, err]).toEqual([1, expect.stringContaining(`${settingsFile()} (or `)])
        expect(err).toContain('nothing was changed')
        expect(picture(home)).toEqual(before)
        expect((await stateOf(made)).state).toBe('waiting')
      },
    )

    describe('where the web search is off', () => {
      beforeEach(() => setMode('disabled'))
      afterEach(() => setMode('enabled'))

      test.each([
        ['nothing', {}, { deny: ['WebSearch'] }],
        ['other rules', { permissions: { allow: ['Read'] } }, { allow: ['Read'], deny: ['WebSearch'] }],
        [
          'a list of their own',
          { permissions: { deny: ['Bash(rm *)', 'Read(.env)'], ask: [] } },
          { deny: ['Bash(rm *)', 'Read(.env)', 'WebSearch'], ask: [] },
        ],
        ['an empty list', { permissions: { deny: [] } }, { deny: ['WebSearch'] }],
      ])('WS9, W47, S-M9: who has %s gets the rule besides, and remove takes it alone', async (_, own, permissions) => {
        const made = await makeKey()
        given(settingsFile(), JSON.stringify(own))
        const before = picture(home)
        const { code, out } = await setup({ shell, engine, args: ['--token', made.setup.token] })
        expect([code, out]).toEqual([0, expect.stringContaining('refuse        WebSearch')])
        expect(json(settingsFile())).toEqual({ permissions, env: wanted(made.key) })
        // Not to the byte any more, since something else was changed.
        given(settingsFile(), { ...json(settingsFile()), theme: 'dark' })
        expect((await remove({ shell, engine, env: { DENY: 'WebSearch' } })).out).toContain('allow again   WebSearch')
        expect(json(settingsFile())).toEqual({ ...own, theme: 'dark' })
        given(settingsFile(), JSON.stringify(own))
        expect(picture(home)).toEqual({ ...before, '.claude/settings.json': expect.anything() })
      })

      test('W47: a rule that was theirs before stays theirs, also when it is undone', async () => {
        const made = await makeKey()
        given(settingsFile(), OTHERS)
        const before = picture(home)
        expect((await setup({ shell, engine, args: ['--token', made.setup.token] })).code).toBe(0)
        expect(json(settingsFile())).toEqual(afterSetup(made.key))
        expect((await remove({ shell, engine })).code).toBe(0)
        expect(picture(home)).toEqual(before)
      })

      test('WS9: a setup after it is on again takes the rule out, and no other', async () => {
        const made = await makeKey()
        given(settingsFile(), { permissions: { deny: ['Read(.env)'] } })
        await setup({ shell, engine, args: ['--token', made.setup.token] })
        const same = await setup({ shell, engine, args: ['--token', await newToken(made)] })
        expect([same.code, same.out]).toEqual([0, expect.stringContaining('Nothing to change')])
        await setMode('enabled')
        const { code, out } = await setup({ shell, engine, args: ['--token', await newToken(made)] })
        expect([code, out]).toEqual([0, expect.stringContaining('allow again   WebSearch')])
        expect(json(settingsFile())).toEqual({ permissions: { deny: ['Read(.env)'] }, env: wanted(made.key) })
        expect(json(join(home, '.claude/settings.gateway.json')).denied).toEqual([])
        // What they refuse themselves from now on is theirs.
        given(settingsFile(), { ...json(settingsFile()), permissions: { deny: ['WebSearch'] } })
        await remove({ shell, engine })
        expect(json(settingsFile()).permissions).toEqual({ deny: ['WebSearch'] })
      })

      test.each(['{"permissions": 7}', '{"permissions": {"deny": "WebSearch"}}', '{"permissions": null}'])(
        'refuses settings that are %j, and changes nothing',
        async (content) => {
          const made = await makeKey()
          given(settingsFile(), content)
          const before = picture(home)
          const { code, err } = await setup({ shell, engine, args: ['--token', made.setup.token] })
          expect([code, err]).toEqual([1, expect.stringContaining('permissions.deny does not hold a list')])
          expect(picture(home)).toEqual(before)
        },
      )
    })

    test('takes an empty file for empty settings', async () => {
      const made = await makeKey()
      given(settingsFile(), '\n')
      expect((await setup({ shell, engine, args: ['--token', made.setup.token] })).code).toBe(0)
      expect(json(settingsFile())).toEqual({ env: wanted(made.key) })
    })
  })
})

describe('the rule that Claude Code is not to search the web', () => {
  test('WS9, E18: stands in the scripts of both shells when the web search is off, and only then', async () => {
    const texts = async () =>
      await Promise.all(['', '?platform=windows'].map((query) => fetchScript(`/auth/setup${query}`)))
    for (const mode of ['enabled', 'disabled', 'enabled']) {
      await setMode(mode)
      for (const text of await texts()) expect(text.includes("'WebSearch'")).toBe(mode === 'disabled')
      for (const text of await texts()) expect(text.includes('WebSearch')).toBe(mode === 'disabled')
    }
  })

  test('WS9: is among what is printed where nothing can merge it', async () => {
    await setMode('disabled')
    const made = await makeKey()
    const { code, out } = await setup({ engine: 'none', args: ['--token', made.setup.token] })
    await setMode('enabled')
    expect([code, JSON.parse(out)]).toEqual([1, { env: wanted(made.key), permissions: { deny: ['WebSearch'] } }])
  })
})

describe('options', () => {
  test('--dry-run says what would be done, asks the gateway for nothing and writes nothing', async () => {
    const made = await makeKey()
    given(settingsFile(), OTHERS)
    const before = picture(home)
    const asked = served.seen.length
    const { code, out } = await setup({ args: ['--token', made.setup.token, '--dry-run'] })
    expect([code, out]).toEqual([0, expect.stringContaining(`ANTHROPIC_BASE_URL = ${MESSAGES_URL}`)])
    expect(out).toContain('take out      CLAUDE_CODE_USE_BEDROCK')
    expect(picture(home)).toEqual(before)
    expect(served.seen.slice(asked)).toEqual(['GET /auth/setup'])
    expect((await stateOf(made)).state).toBe('waiting')
  })

  test('--help explains, and an option that is none, or without its value, is refused', async () => {
    expect(await setup({ args: ['--help'] })).toMatchObject({
      code: 0,
      out: expect.stringContaining('--token'),
      err: '',
    })
    for (const args of [['--tokn', 'x'], ['--scope'], ['--scope', 'world'], ['--token']]) {
      expect(await setup({ args })).toMatchObject({ code: 1, err: expect.stringMatching(/^[^\n]+\n$/) })
    }
    expect(await remove({ args: ['--help'] })).toMatchObject({ code: 0, err: '' })
    expect(await remove({ args: ['--all'] })).toMatchObject({ code: 1 })
  })

  test('token and scope of the query are what is taken where no option says otherwise', async () => {
    const made = await makeKey()
    expect((await setup({ query: `?token=${made.setup.token}` })).code).toBe(0)
    expect(json(settingsFile())).toEqual({ env: wanted(made.key) })
  })

  test('without a token and without a terminal it says where to get one', async () => {
    const { code, err } = await setup()
    expect([code, err]).toEqual([3, expect.stringContaining(`${served.url}/portal/connect`)])
  })
})

describe('a token that is no good', () => {
  test.each([
    ['st_', 'is not a setup token'],
    [`st_${'0'.repeat(31)}`, 'is not a setup token'],
    [`st_${'0'.repeat(32)}\n`, 'is not a setup token'],
    [`st_${'0'.repeat(32)}"; touch hacked; "`, 'is not a setup token'],
    ['$(touch hacked)', 'is not a setup token'],
    [`st_${'0'.repeat(32)}`, 'has expired or was used'],
  ])('%j ends with 3 and one sentence, and nothing is written', async (token, sentence) => {
    const { code, out, err } = await setup({ args: ['--token', token] })
    expect([code, out, err]).toEqual([3, '', expect.stringMatching(new RegExp(`^[^\n]*${sentence}[^\n]*\n$`))])
    expect(readdirSync(home)).toEqual([])
  })

  test('expired, used, or of a key that was revoked: the same', async () => {
    const [expired, used, revoked] = [await makeKey(), await makeKey(), await makeKey()]
    expect((await setup({ args: ['--token', used.setup.token] })).code).toBe(0)
    await control.ask('POST', `/admin/keys/${revoked.id}/revoke`, { token: person.token })
    const before = picture(home)
    expect((await setup({ args: ['--token', used.setup.token] })).code).toBe(3)
    expect((await setup({ args: ['--token', revoked.setup.token] })).code).toBe(3)
    control.advance(300_000)
    expect((await setup({ args: ['--token', expired.setup.token] })).code).toBe(3)
    expect(picture(home)).toEqual(before)
  })

  test('in the query, it is told by the script itself', async () => {
    const query = `?token=${encodeURIComponent("st_'; touch hacked; '")}`
    expect(await setup({ query })).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/^[^\n]+\n$/) })
    expect(readdirSync(home)).toEqual([])
  })
})

describe('a run that failed', () => {
  test('leaves the token as it was where the gateway cannot be reached', async () => {
    const made = await makeKey()
    const script = (await fetchScript('/auth/setup')).replace(served.url, 'http://127.0.0.1:9')
    const { code, err } = await setup({ script, args: ['--token', made.setup.token] })
    expect([code, err]).toEqual([
      4,
      expect.stringMatching(/^The gateway cannot be reached at http:\/\/127\.0\.0\.1:9[^\n]*\n$/),
    ])
    expect(readdirSync(home)).toEqual([])
  })

  test('can be run again with the same token, since only the confirmation uses it up', async () => {
    const made = await makeKey()
    given(join(home, '.claude'), 'a file where the folder should be')
    const { code, err } = await setup({ args: ['--token', made.setup.token] })
    expect([code, err]).toEqual([1, expect.stringContaining('nothing was changed')])
    expect(readdirSync(home)).toEqual(['.claude'])
    expect((await stateOf(made)).state).toBe('fetched')
    rmSync(join(home, '.claude'))
    expect((await setup({ args: ['--token', made.setup.token] })).code).toBe(0)
    expect((await stateOf(made)).state).toBe('used')
  })

  test('in a folder that cannot be written to changes nothing', async () => {
    const made = await makeKey()
    const folder = '/proc/gateway-setup'
    const { code, err } = await setup({ args: ['--token', made.setup.token], env: { CLAUDE_CONFIG_DIR: folder } })
    expect([code, err]).toEqual([1, expect.stringContaining(`${folder} cannot be made; nothing was changed.`)])
    expect((await stateOf(made)).state).toBe('fetched')
  })

  test.skipIf(process.getuid?.() === 0)(
    'in a folder that is read-only changes nothing (root may write anywhere)',
    async () => {
      const made = await makeKey()
      given(settingsFile(), OTHERS)
      const before = picture(home)
      chmodSync(join(home, '.claude'), 0o500)
      const { code, err } = await setup({ args: ['--token', made.setup.token] })
      chmodSync(join(home, '.claude'), 0o700)
      expect([code, err]).toEqual([1, expect.stringContaining('cannot be written to; nothing was changed.')])
      expect(picture(home)).toEqual(before)
    },
  )

  test('without jq, node and python3 prints what to merge, and changes nothing', async () => {
    const made = await makeKey()
    const { code, out, err } = await setup({ engine: 'none', args: ['--token', made.setup.token] })
    expect([code, err]).toEqual([1, expect.stringContaining('None of jq, node and python3')])
    expect(JSON.parse(out)).toEqual({ env: wanted(made.key) })
    expect(readdirSync(home)).toEqual([])
    expect((await stateOf(made)).state).toBe('fetched')
    await setup({ args: ['--token', made.setup.token] })
    expect(await remove({ engine: 'none' })).toMatchObject({ code: 1, err: expect.stringContaining('yourself') })
    expect(json(settingsFile())).toEqual({ env: wanted(made.key) })
  })
})

describe('places', () => {
  test('a settings file that is a link is followed, and stays one', async () => {
    const made = await makeKey()
    const dotfiles = given(join(home, 'dotfiles/claude.json'), OTHERS)
    mkdirSync(join(home, '.claude'))
    symlinkSync('../dotfiles/claude.json', settingsFile())
    const first = await setup({ args: ['--token', made.setup.token] })
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('is a link to')])
    expect(lstatSync(settingsFile()).isSymbolicLink()).toBe(true)
    expect(json(join(home, 'dotfiles/claude.json'))).toEqual(afterSetup(made.key))
    expect(readdirSync(join(home, 'dotfiles'))).toEqual(['claude.json'])
    expect((await remove()).code).toBe(0)
    expect(readFileSync(join(home, 'dotfiles/claude.json'), 'utf8')).toBe(dotfiles)
    expect(readdirSync(join(home, '.claude'))).toEqual(['settings.json'])
  })

  test('one’s own settings under version control are written, with a warning', async () => {
    given(join(home, 'dotfiles/claude.json'), {})
    execFileSync('sh', ['-c', 'git init -q && git add -A'], { cwd: join(home, 'dotfiles') })
    mkdirSync(join(home, '.claude'))
    symlinkSync('../dotfiles/claude.json', settingsFile())
    const { code, err } = await setup({ args: ['--token', (await makeKey()).setup.token] })
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^Note: [^\n]*claude\.json is under version control[^\n]*\n$/),
    ])
  })

  test('a link that leads round in a circle is refused', async () => {
    mkdirSync(join(home, '.claude'))
    symlinkSync('settings.json', settingsFile())
    const { code, err } = await setup({ args: ['--token', (await makeKey()).setup.token] })
    expect([code, err]).toEqual([1, expect.stringContaining('circle')])
  })

  test('CLAUDE_CONFIG_DIR is where the settings go, if it is set', async () => {
    const made = await makeKey()
    const env = { CLAUDE_CONFIG_DIR: join(home, 'config') }
    expect((await setup({ env, args: ['--token', made.setup.token] })).code).toBe(0)
    expect(json(join(home, 'config/settings.json'))).toEqual({ env: wanted(made.key) })
    expect((await remove({ env })).code).toBe(0)
    expect(readdirSync(home)).toEqual([])
  })
})

describe('a project', () => {
  let project: string
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: project,
      encoding: 'utf8',
    })
  beforeEach(() => {
    project = join(home, 'a project')
    mkdirSync(project)
  })
  const inProject = async (made: Made, run: Run = {}) =>
    setup({ cwd: project, args: ['--token', made.setup.token, '--scope', 'project'], ...run })

  test('outside of version control gets its own file, and nothing else', async () => {
    const made = await makeKey()
    expect(await inProject(made)).toMatchObject({ code: 0, err: '' })
    expect(json(join(project, '.claude/settings.local.json'))).toEqual({ env: wanted(made.key) })
    expect(modeOf(join(project, '.claude/settings.local.json'))).toBe('600')
    expect(readdirSync(project)).toEqual(['.claude'])
    expect((await remove({ cwd: project })).code).toBe(0)
    expect(readdirSync(project)).toEqual([])
  })

  test.each([
    ['no .gitignore', undefined],
    ['a .gitignore', 'node_modules\n'],
    ['a .gitignore without a last newline', 'node_modules'],
    ['an empty .gitignore', ''],
  ])('in a git repository with %s is not seen by git, and remove leaves the folder as it was', async (_, ignore) => {
    git('init', '-q')
    if (ignore !== undefined) writeFileSync(join(project, '.gitignore'), ignore)
    given(join(project, '.claude/settings.local.json'), OTHERS)
    given(join(project, '.claude/settings.json'), { model: 'opus' })
    const before = picture(project)
    const made = await makeKey()
    expect(await inProject(made)).toMatchObject({ code: 0, err: '' })
    expect(json(join(project, '.claude/settings.local.json'))).toEqual(afterSetup(made.key))
    git('add', '-A')
    expect(git('ls-files').trim().split('\n')).toEqual(['.claude/settings.json', '.gitignore'])
    git('rm', '-rq', '--cached', '.')
    // Whoever takes the line out again gets it back.
    const ignored = readFileSync(join(project, '.gitignore'), 'utf8')
    writeFileSync(join(project, '.gitignore'), ignore ?? '')
    expect((await inProject(made, { args: ['--scope', 'project', '--token', await newToken(made)] })).code).toBe(0)
    expect(readFileSync(join(project, '.gitignore'), 'utf8')).toBe(ignored)
    const between = picture(project)
    const again = await inProject(made, { args: ['--scope', 'project', '--token', await newToken(made)] })
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to change') })
    expect(picture(project)).toEqual(between)
    expect((await remove({ cwd: project })).code).toBe(0)
    expect(picture(project)).toEqual(before)
  })

  test('whose local settings are ignored already keeps its .gitignore', async () => {
    git('init', '-q')
    writeFileSync(join(project, '.gitignore'), '.claude/\n')
    expect((await inProject(await makeKey())).code).toBe(0)
    expect(readFileSync(join(project, '.gitignore'), 'utf8')).toBe('.claude/\n')
  })

  test('whose local settings are under version control is refused: the key would be published', async () => {
    git('init', '-q')
    given(join(project, '.claude/settings.local.json'), {})
    git('add', '-A')
    const before = picture(project)
    const made = await makeKey()
    expect(await inProject(made)).toMatchObject({ code: 1, err: expect.stringContaining('under version control') })
    expect(picture(project)).toEqual(before)
    expect((await stateOf(made)).state).toBe('waiting')
  })

  test('and a person’s own settings are both undone by one run', async () => {
    const [own, projects] = [await makeKey(), await makeKey()]
    expect((await setup({ args: ['--token', own.setup.token] })).code).toBe(0)
    expect((await inProject(projects)).code).toBe(0)
    expect((await remove({ cwd: project })).code).toBe(0)
    expect(picture(home)).toEqual({ 'a project': 'no file' })
  })
})

describe('what stands against the settings', () => {
  test('in the shell: told, and 2 where it wins', async () => {
    const [one, other] = [await makeKey(), await makeKey()]
    const wins = await setup({ args: ['--token', one.setup.token], env: { CLAUDE_CODE_USE_BEDROCK: '1' } })
    expect([wins.code, wins.err]).toEqual([2, expect.stringContaining('In the way: CLAUDE_CODE_USE_BEDROCK')])
    expect(wins.out).not.toContain('Done.')
    expect((await stateOf(one)).state).toBe('used')
    const env = { ANTHROPIC_BASE_URL: 'https://elsewhere.example', ANTHROPIC_API_KEY: 'x' }
    const loses = await setup({ args: ['--token', other.setup.token], env })
    expect([loses.code, loses.err.match(/^Note: /gm)]).toEqual([0, ['Note: ', 'Note: ']])
  })

  test('in a project’s files, which go before one’s own', async () => {
    const project = join(home, 'project')
    given(join(project, '.claude/settings.json'), { env: { ANTHROPIC_BASE_URL: 'https://elsewhere.example' } })
    given(join(project, '.claude/settings.local.json'), { apiKeyHelper: 'x', env: { ANTHROPIC_MODEL: 'y' } })
    const before = picture(project)
    const { code, err } = await setup({ cwd: project, args: ['--token', (await makeKey()).setup.token] })
    expect(code).toBe(2)
    for (const [name, file] of [
      ['ANTHROPIC_BASE_URL', 'settings.json'],
      ['ANTHROPIC_MODEL', 'settings.local.json'],
      ['apiKeyHelper', 'settings.local.json'],
    ]) {
      expect(err).toContain(`In the way: ${name} in ${join(project, '.claude', String(file))}\n`)
    }
    expect(picture(project)).toEqual(before)
  })

  test('in one’s own settings, as far as a project’s do not go before', async () => {
    given(settingsFile(), { env: { ANTHROPIC_BASE_URL: 'https://elsewhere.example', CLAUDE_CODE_USE_VERTEX: '1' } })
    const project = join(home, 'project')
    mkdirSync(project)
    const args = ['--token', (await makeKey()).setup.token, '--scope', 'project']
    const { code, err } = await setup({ cwd: project, args })
    expect([code, err.match(/^In the way: .*$/gm)]).toEqual([
      2,
      [`In the way: CLAUDE_CODE_USE_VERTEX in ${settingsFile()}`],
    ])
  })
})

test('no secret is in the list of processes: neither key nor token is an argument of anything', async () => {
  const made = await makeKey()
  const folder = join(work, 'path-watched')
  mkdirSync(folder)
  // Each tool writes down how it was called, and then does its work.
  for (const tool of [...TOOLS.split(' '), 'node']) {
    const real = tool === 'node' ? process.execPath : String(find(tool))
    const script = `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >>'${join(work, 'calls')}'\nexec '${real}' "$@"\n`
    writeFileSync(join(folder, tool), script, { mode: 0o755 })
  }
  expect((await setup({ engine: 'watched', query: `?token=${made.setup.token}` })).code).toBe(0)
  const calls = readFileSync(join(work, 'calls'), 'utf8')
  expect(calls).toContain('/curl\n')
  for (const secret of [made.key, made.setup.token]) expect(calls).not.toContain(secret)
})
