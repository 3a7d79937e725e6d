/**
 * The scripts that are handed out, for a POSIX shell and for PowerShell. What varies stands in a few assignments at the
 * head of each, quoted by the one function of its language; the rest is text that never changes.
 */
import { POWERSHELL_REMOVE } from './powershell-remove.ts'
import { POWERSHELL_SETUP } from './powershell-setup.ts'
import { isSetupToken } from './setup-token.ts'
import { SHELL_REMOVE } from './shell-remove.ts'
import { SHELL_SETUP } from './shell-setup.ts'

interface Asked {
  readonly platform: string | undefined
  /** As the distribution says it. */
  readonly gatewayHost: string | null
}

interface SetupAsked extends Asked {
  /** Whether Claude Code is to leave its WebSearch tool alone, since nobody would answer it. */
  readonly deniesSearch: boolean
  readonly token: string | undefined
  readonly scope: string | undefined
  readonly baseUrl: string
}

/** Nothing of what was wrong is repeated in the script that says so. */
export function setupScript({ platform, gatewayHost, token, scope, baseUrl, deniesSearch }: SetupAsked): string {
  const language = languageOf(platform)
  const gateway = originOf(gatewayHost)
  if (gateway === undefined) return language.refusal(NO_HOST, EXIT_FAILED)
  if (token !== undefined && !isSetupToken(token)) return language.refusal(BAD_TOKEN, EXIT_TOKEN)
  if (scope !== undefined && scope !== 'user' && scope !== 'project') return language.refusal(BAD_SCOPE, EXIT_FAILED)
  const deny = deniesSearch ? SEARCH_TOOL : ''
  return language.setup({ gateway, baseUrl, token: token ?? '', scope: scope ?? 'user', deny })
}

export function removeScript({ platform, gatewayHost }: Asked): string {
  const language = languageOf(platform)
  const gateway = originOf(gatewayHost)
  return gateway === undefined ? language.refusal(NO_HOST, EXIT_FAILED) : language.remove(gateway)
}

/** Source: Claude Code's documentation, "Settings", `permissions.deny`. */
const SEARCH_TOOL = 'WebSearch'

const EXIT_FAILED = 1
const EXIT_TOKEN = 3

const BAD_TOKEN =
  'This is not a setup token: one is st_ and 32 hex digits. Make a new command on the Connect page of the gateway.'
const BAD_SCOPE = 'The scope must be user or project.'
const NO_HOST = 'The gateway was asked under an address that it cannot put into a script.'

interface SetupValues {
  readonly gateway: string
  readonly baseUrl: string
  readonly token: string
  readonly scope: string
  /** A rule for `permissions.deny`, or nothing. */
  readonly deny: string
}

interface Language {
  setup(values: SetupValues): string
  remove(gateway: string): string
  refusal(sentence: string, exitCode: number): string
}

const ABOUT = `# Points Claude Code at this gateway: merges three settings into its settings file, which is backed up before.
# Nothing is run before the last line, so half a script does nothing. --help tells the options, --dry-run what would be done.
# The script at /auth/setup/remove undoes it.
`

const SHELL: Language = {
  setup: ({ gateway, baseUrl, token, scope, deny }) => {
    const [g, b, t, s, d] = [gateway, baseUrl, token, scope, deny].map(quoteForShell)
    return `#!/bin/sh\n${ABOUT}GATEWAY=${g}\nBASE_URL=${b}\nTOKEN=${t}\nSCOPE=${s}\nDENY=${d}\n${SHELL_SETUP}`
  },
  remove: (gateway) => `#!/bin/sh\nGATEWAY=${quoteForShell(gateway)}\n${SHELL_REMOVE}`,
  refusal: (sentence, exitCode) => `#!/bin/sh\nprintf '%s\\n' ${quoteForShell(sentence)} >&2\nexit ${exitCode}\n`,
}

/** PowerShell is told by an exception: `exit` would close the window of whoever pasted the command. */
const POWERSHELL: Language = {
  setup: ({ gateway, baseUrl, token, scope, deny }) => {
    const [g, b, t, s, d] = [gateway, baseUrl, token, scope, deny].map(quoteForPowerShell)
    const param = `param([string] $Token = ${t}, [string] $Scope = ${s}, [switch] $DryRun)\n`
    const values = `-Token $Token -Scope $Scope -DryRun:$DryRun -Gateway ${g} -BaseUrl ${b} -Deny ${d}`
    return `${param}& {\n${POWERSHELL_SETUP}} ${values}\n`
  },
  remove: (gateway) =>
    `param([switch] $DryRun)\n& {\n${POWERSHELL_REMOVE}} -DryRun:$DryRun -Gateway ${quoteForPowerShell(gateway)}\n`,
  refusal: (sentence) => `throw ${quoteForPowerShell(sentence)}\n`,
}

const languageOf = (platform: string | undefined): Language => (platform === 'windows' ? POWERSHELL : SHELL)

/** Inside single quotes a POSIX shell reads nothing but the closing quote (POSIX 2.2.2). @throws RangeError for NUL */
export function quoteForShell(text: string): string {
  if (text.includes('\0')) throw new RangeError('a shell cannot hold NUL')
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** PowerShell takes the typographic single quotes for the plain one, so they are doubled alike (about_Quoting_Rules). */
export function quoteForPowerShell(text: string): string {
  if (text.includes('\0')) throw new RangeError('a script cannot hold NUL')
  return `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`
}

/** A name of DNS, an IPv4 address or an IPv6 address in brackets; then perhaps a port. RFC 3986, 3.2.2, less what nobody uses. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(?:${LABEL}(?:[.]${LABEL})*|\\[[0-9a-f:]{2,39}\\])(?::[0-9]{1,5})?$`)
/** Of a name in DNS (RFC 1035), and a port. */
const LONGEST_HOST = 253 + ':65535'.length
const OWN_MACHINE = /^(?:localhost|127[.]0[.]0[.]1|\[::1\])(?::|$)/

/** The address at which the script calls back: the one it was fetched from. */
export function originOf(gatewayHost: string | null): string | undefined {
  const host = (gatewayHost ?? '').toLowerCase()
  if (host.length > LONGEST_HOST || !HOST.test(host)) return undefined
  return `${OWN_MACHINE.test(host) ? 'http' : 'https'}://${host}`
}
