/** What a Bash command destroys, opens or lets in, read as the shell would read it: command by command, word by word. */
import type { Flag } from './flag.ts'
import { type SimpleCommand, simpleCommandsOf } from './shell-commands.ts'

/** Nobody writes a longer line of shell; beyond it is the text of a file. */
const READ_CHARACTERS = 20_000

/** A shell in a shell in a shell is read, a fourth is not: somebody only wants to be read. */
const DEEPEST_SHELL = 3

export function dangersIn(command: string): Flag[] {
  return rulesIn(command.slice(0, READ_CHARACTERS), DEEPEST_SHELL).map((rule) => ({
    category: 'dangerous',
    rule,
    severity: SEVERITIES[rule],
    count: 1,
  }))
}

const SEVERITIES = {
  destructive_fs: 'critical',
  pipe_to_shell: 'critical',
  git_destructive: 'warning',
  chmod_open: 'warning',
} as const
type Rule = keyof typeof SEVERITIES

function rulesIn(line: string, depth: number): Rule[] {
  const found: Rule[] = []
  let before = NOTHING_BEFORE
  for (const { words, piped } of simpleCommandsOf(line)) {
    const command = bare(words)
    const name = nameOf(command)
    const isShell = SHELLS.has(name)
    const fetches = FETCHERS.has(name)
    const fetched = piped && before.fetched
    const runsWhatCame = isShell ? fetched || fetchesInside(command) : fetches && before.runsNext
    if (runsWhatCame) found.push('pipe_to_shell')
    found.push(...rulesOf(name, command))
    if (isShell && depth > 1) found.push(...rulesIn(innerLineOf(name, command), depth - 1))
    before = { fetched: fetched || fetches, runsNext: isShell && /[<$]$/.test(command.at(-1) ?? '') }
  }
  return found
}

function rulesOf(name: string, command: Words): Rule[] {
  if (name === 'rm' && isDestructive(command)) return ['destructive_fs']
  if (name === 'git' && isGitDestructive(command)) return ['git_destructive']
  if (name === 'chmod' && command.some((word) => OPEN_MODES.has(word))) return ['chmod_open']
  return []
}

const NOTHING_BEFORE = {
  /** What flows through the pipe came from elsewhere. */
  fetched: false,
  /** `bash <(` and `eval $(` run what the command in the brackets gives them. */
  runsNext: false,
}

type Words = SimpleCommand['words']

/** Words that run the command after them. */
const PREFIXES: ReadonlySet<string> = new Set([
  'sudo',
  'doas',
  'env',
  'command',
  'exec',
  'nohup',
  'time',
  'nice',
  'xargs',
  'then',
  'do',
  'else',
  'if',
  '!',
])
/** Options of those that take a word of their own. */
const WITH_VALUE: ReadonlySet<string> = new Set(['-u', '-g', '-n', '-I', '-L', '-P'])
const ASSIGNMENT = /^[A-Za-z_]\w{0,100}=/

/** Without what only says how the command is run. */
function bare(words: Words): Words {
  let at = 0
  let prefixed = false
  while (at < words.length) {
    const word = words[at] ?? ''
    if (PREFIXES.has(word)) prefixed = true
    else if (prefixed && WITH_VALUE.has(word)) at++
    else if (!ASSIGNMENT.test(word) && !(prefixed && word.startsWith('-'))) break
    at++
  }
  return words.slice(at)
}

/** `/bin/rm` is `rm`. */
const nameOf = (command: Words): string => (command[0] ?? '').slice((command[0] ?? '').lastIndexOf('/') + 1)

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish', 'eval', 'source', '.'])
const FETCHERS: ReadonlySet<string> = new Set(['curl', 'wget'])
const FETCH_INSIDE = /[$<`]\(?\s{0,5}(?:curl|wget)\s/

/** `bash -c "$(curl …)"`, `eval "$(curl …)"`. */
const fetchesInside = (command: Words): boolean => command.some((word) => FETCH_INSIDE.test(word))

/** What a shell is told to run on its own command line; empty where it is told a file. */
function innerLineOf(name: string, command: Words): string {
  if (name === 'eval') return command.slice(1).join(' ')
  const option = command.findIndex((word) => /^-[a-z]{0,10}c$/.test(word))
  return option < 0 ? '' : (command[option + 1] ?? '')
}

const isShort = (word: string, letter: string): boolean => /^-[A-Za-z]/.test(word) && word.includes(letter)

/** Made anew by the next build, so nothing is lost with them. */
const MADE_ANEW: ReadonlySet<string> = new Set(
  'cdk.out node_modules target dist build .cache __pycache__ .pytest_cache .next .turbo coverage .tox venv .venv'.split(
    ' ',
  ),
)

function isDestructive(command: Words): boolean {
  if (!command.some((word) => word === '--force' || isShort(word, 'f'))) return false
  return command.slice(1).some((word) => !word.startsWith('-') && isElsewhere(word) && !isMadeAnew(word))
}

/** More than a name in the folder at hand. */
const isElsewhere = (target: string): boolean => /[/~]|\.\.|^\$|^[.*]$/.test(target)

function isMadeAnew(target: string): boolean {
  const parts = target.split('/')
  return !parts.includes('..') && parts.some((part) => MADE_ANEW.has(part) || part.endsWith('.egg-info'))
}

const GIT_OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set(['-C', '-c', '--git-dir', '--work-tree'])

function isGitDestructive(command: Words): boolean {
  let at = 1
  while ((command[at] ?? '').startsWith('-')) at += GIT_OPTIONS_WITH_VALUE.has(command[at] ?? '') ? 2 : 1
  const rest = command.slice(at + 1)
  const has = (...options: string[]): boolean => rest.some((word) => options.includes(word))
  const hasForce = rest.some((word) => word.startsWith('--force') || isShort(word, 'f'))
  switch (command[at]) {
    case 'push':
      // A plus before a branch forces that branch.
      return hasForce || has('--mirror') || rest.some((word) => word.startsWith('+'))
    case 'reset':
      return has('--hard')
    case 'clean':
      return hasForce
    case 'branch':
      return rest.some((word) => isShort(word, 'D')) || (hasForce && has('-d', '--delete'))
    default:
      return false
  }
}

const OPEN_MODES: ReadonlySet<string> = new Set(['777', '0777', 'a+rwx', 'ugo+rwx', 'a=rwx'])
