/** The lines that are copied into a shell. What they are made of is the gateway's own: nothing in them needs quoting. */
import type { Scope, System } from './connect-search.ts'

export const promptOf = (system: System): string => (system === 'powershell' ? 'PS>' : '$')

/** @param origin The portal's own, where the script is. @param token `st_` and 32 hex digits. */
export function setupCommand(origin: string, token: string, system: System, scope: Scope): string {
  if (system === 'powershell') {
    const project = scope === 'project' ? ' -Scope project' : ''
    return `& ([scriptblock]::Create((irm '${origin}/auth/setup?platform=windows'))) -Token ${token}${project}`
  }
  const project = scope === 'project' ? ' --scope project' : ''
  return `curl -fsSL '${origin}/auth/setup' | sh -s -- --token ${token}${project}`
}

export const removeCommand = (origin: string, system: System): string =>
  system === 'powershell'
    ? `irm '${origin}/auth/setup/remove?platform=windows' | iex`
    : `curl -fsSL '${origin}/auth/setup/remove' | sh`

export const scriptAddress = (system: System): string =>
  system === 'powershell' ? '/auth/setup?platform=windows' : '/auth/setup'

/** Where Claude Code looks for its settings. */
export function settingsFile(system: System, scope: Scope): string {
  if (scope === 'project')
    return system === 'powershell' ? '.claude\\settings.local.json' : '.claude/settings.local.json'
  return system === 'powershell' ? '%USERPROFILE%\\.claude\\settings.json' : '~/.claude/settings.json'
}

/** What setup puts there, for people who would rather do it themselves. */
export const settingsText = (baseUrl: string, key: string): string =>
  JSON.stringify(
    {
      env: {
        ANTHROPIC_BASE_URL: baseUrl,
        ANTHROPIC_AUTH_TOKEN: key,
        CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
      },
    },
    null,
    2,
  )

export interface Install {
  readonly command: string
  readonly also: string
}

/** Source: Claude Code's own installation guide. */
export const installOf = (system: System): Install =>
  system === 'powershell'
    ? {
        command: 'irm https://claude.ai/install.ps1 | iex',
        also: 'Install Git for Windows first: Claude Code runs its commands through Git Bash.',
      }
    : {
        command: 'curl -fsSL https://claude.ai/install.sh | bash',
        also:
          system === 'wsl' ? 'Run it inside WSL, where Claude Code is to run.' : 'Or: brew install --cask claude-code',
      }
