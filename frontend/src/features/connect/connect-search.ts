/** What of the Connect page the address holds. */

export const TARGETS = ['terminal', 'editor', 'ci', 'container', 'client'] as const
export type Target = (typeof TARGETS)[number]
export const SYSTEMS = ['unix', 'wsl', 'powershell'] as const
export type System = (typeof SYSTEMS)[number]

export interface ConnectSearch {
  readonly target?: Target
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
