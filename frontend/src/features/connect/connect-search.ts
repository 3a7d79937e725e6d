/** What of the Connect page the address holds. */

export const TARGETS = ['terminal', 'editor', 'ci', 'container', 'client'] as const
export type Target = (typeof TARGETS)[number]
export const SYSTEMS = ['unix', 'wsl', 'powershell'] as const
export type System = (typeof SYSTEMS)[number]
export type Scope = 'user' | 'project'

export interface ConnectSearch {
  readonly target?: Target
  /** Absent: the browser's own. */
  readonly os?: System
  readonly scope?: 'project'
}

/** What is not understood counts as not said; what is the default is not written. */
export function readConnectSearch(search: Record<string, unknown>): ConnectSearch {
  const target = TARGETS.find((one) => one === search.target)
  const os = SYSTEMS.find((one) => one === search.os)
  return {
    ...(target !== undefined && target !== 'terminal' && { target }),
    ...(os !== undefined && { os }),
    ...(search.scope === 'project' && { scope: 'project' as const }),
  }
}

/** Most people on Windows who run Claude Code do so in PowerShell; whoever uses WSL says so once. */
export const systemOf = (userAgent: string): System => (/Windows/.test(userAgent) ? 'powershell' : 'unix')

export const SYSTEM_NAMES: Readonly<Record<System, string>> = {
  unix: 'macOS, Linux',
  wsl: 'WSL',
  powershell: 'PowerShell',
}

/** `Claude Code on macOS`: a name that tells one key from the next, to be changed at will. */
export function suggestedName(system: System, userAgent: string): string {
  const names = { wsl: 'WSL', powershell: 'Windows', unix: /Mac/.test(userAgent) ? 'macOS' : 'Linux' }
  return `Claude Code on ${names[system]}`
}
