/**
 * The PowerShell scripts: read by a real parser everywhere, and run where there is a PowerShell. What they write is held
 * against what the POSIX scripts write, since either undoes what the other did.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Language, Parser } from '@vscode/tree-sitter-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFLICTING_VARIABLES } from '../../../lambdas/setup/conflicts.ts'
import { quoteForPowerShell, removeScript, setupScript } from '../../../lambdas/setup/script.ts'
import { MESSAGES_URL, startControl, type TestControl, type TestPerson } from '../../support/control.ts'
import { type ServedControl, serveControl } from '../../support/served-control.ts'

const platform = 'windows'
const gatewayHost = 'gateway.example'
const token = `st_${'0'.repeat(32)}`
const scripts = {
  setup: setupScript({ platform, gatewayHost, token, scope: 'project', baseUrl: MESSAGES_URL, deniesSearch: true }),
  remove: removeScript({ platform, gatewayHost }),
  refusal: setupScript({
    platform,
    gatewayHost,
    token: 'x',
    scope: undefined,
    baseUrl: MESSAGES_URL,
    deniesSearch: false,
  }),
}

let parser: Parser
beforeAll(async () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'))
  await Parser.init({ locateFile: () => join(folder, 'tree-sitter.wasm') })
  parser = new Parser()
  parser.setLanguage(await Language.load(join(folder, 'tree-sitter-powershell.wasm')))
})

const treeOf = (script: string) => {
  const root = parser.parse(script)?.rootNode
  if (!root) throw new Error('nothing was parsed')
  return root
}
const isPowerShell = (script: string): boolean => !treeOf(script).hasError
const partsOf = (script: string, type: string): string[] =>
  treeOf(script)
    .descendantsOfType(type)
    .map((node) => node?.text ?? '')

describe.each(Object.entries(scripts))('%s', (_name, script) => {
  test('is PowerShell', () => {
    expect(isPowerShell(script)).toBe(true)
  })

  test('throws and never exits, which would close the window', () => {
    expect(script).toContain('throw ')
    expect(script).not.toMatch(/^\s*exit\b|[;{]\s*exit\b|\[Environment\]::Exit/im)
  })

  test('calls no function that it does not bring', () => {
    const defined = partsOf(script, 'function_name')
    const ours = partsOf(script, 'command_name').filter((name) => defined.includes(name))
    const brought =
      /^(?:Add-Member|ConvertFrom-Json|ConvertTo-Json|Copy-Item|Get-ChildItem|Get-Command|Get-Item|Get-Location|Invoke-RestMethod|New-Item|New-Object|Read-Host|Remove-Item|Select-Object|Set-StrictMode|Sort-Object|Test-Path|Where-Object|Write-Host|Write-Warning)$/
    const others = partsOf(script, 'command_name').filter((name) => /^[A-Z]\w*-\w+$/.test(name) && !ours.includes(name))
    expect(others.filter((name) => !brought.test(name))).toEqual([])
    if (defined.length > 0) expect(ours.length).toBeGreaterThan(10)
  })
})

test.each(['setup', 'remove'] as const)('%s is seen to be broken when it is', (name) => {
  const script = scripts[name]
  for (const broken of [
    `${script}}`,
    script.replace("'", ''),
    `${script}\nif (`,
    script.replace('-ccontains', '-ccontains )'),
  ]) {
    expect(isPowerShell(broken)).toBe(false)
  }
})

test.each([
  ["it's", "'it''s'"],
  ['\u2018a\u2019 \u201ab\u201b', "'\u2018\u2018a\u2019\u2019 \u201a\u201ab\u201b\u201b'"],
  ['$(Get-Item .) `n "x" ; exit', '\'$(Get-Item .) `n "x" ; exit\''],
  ['two\nlines', "'two\nlines'"],
])('%j is one text in quotes and nothing else', (text, quoted) => {
  expect(quoteForPowerShell(text)).toBe(quoted)
  expect(partsOf(`Write-Host ${quoteForPowerShell(text)}`, 'command_name')).toEqual(['Write-Host'])
})

test('a text that a script cannot hold is refused', () => {
  expect(() => quoteForPowerShell('a\0b')).toThrow(RangeError)
})

test('the options stand at the head, so that the command of the Connect page can give them', () => {
  expect(scripts.setup.split('\n')[0]).toBe(
    `param([string] $Token = '${token}', [string] $Scope = 'project', [switch] $DryRun)`,
  )
  for (const variable of CONFLICTING_VARIABLES) expect(scripts.setup).toContain(`'${variable}'`)
})

const pwsh = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, process.platform === 'win32' ? 'powershell.exe' : 'pwsh'))
  .find((file) => existsSync(file))

describe.skipIf(pwsh === undefined)('run by PowerShell', () => {
  let control: TestControl
  let served: ServedControl
  let person: TestPerson
  let home: string
  beforeAll(async () => {
    control = await startControl()
    served = await serveControl(control)
    person = await control.person()
    home = mkdtempSync(join(tmpdir(), "it's a home "))
  })
  afterAll(async () => {
    await served?.stop()
    await control?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  const run = (path: string, options: string): Promise<{ code: number | null; text: string }> => {
    const command = `& ([scriptblock]::Create((irm '${served.url}${path}?platform=windows'))) ${options}`
    const child = spawn(String(pwsh), ['-NoProfile', '-NonInteractive', '-Command', command], {
      cwd: home,
      env: { ...process.env, HOME: home, USERPROFILE: home },
    })
    let text = ''
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.on('data', (data: Buffer) => {
        text += data
      })
    }
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
  }

  test('sets up, changes nothing the second time, and remove puts everything back', async () => {
    const settings = join(home, '.claude/settings.json')
    mkdirSync(join(home, '.claude'))
    const before = JSON.stringify({
      when: '2026-01-01T00:00:00.500Z',
      list: [[], [1]],
      env: { ANTHROPIC_MODEL: 'x', KEEP: 'y' },
    })
    writeFileSync(settings, before)
    const make = async (body: object) =>
      (await control.ask('POST', '/admin/keys', { token: person.token, body: { setup: true, ...body } })).body
    const made = await make({ name: 'laptop' })
    const first = await run('/auth/setup', `-Token ${made.setup.token} -Scope user`)
    expect(first).toMatchObject({ code: 0, text: expect.stringContaining('Done. Start Claude Code with: claude') })
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({
      when: '2026-01-01T00:00:00.500Z',
      list: [[], [1]],
      env: {
        KEEP: 'y',
        ANTHROPIC_BASE_URL: MESSAGES_URL,
        ANTHROPIC_AUTH_TOKEN: made.key,
        CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
      },
    })
    expect(await run('/auth/setup', '-Token st_0')).toMatchObject({ code: 1 })
    expect((await run('/auth/setup/remove', '')).code).toBe(0)
    expect(readFileSync(settings, 'utf8')).toBe(before)
    expect(readdirSync(join(home, '.claude'))).toEqual(['settings.json'])
    expect(execFileSync(String(pwsh), ['-NoProfile', '-Command', '1'], { encoding: 'utf8' }).trim()).toBe('1')
  })
})
