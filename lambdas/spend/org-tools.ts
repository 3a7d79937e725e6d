/** Which tools the answers called. A tool of an MCP server is named `mcp__<server>__<tool>`. */
import type * as z from 'zod'
import type { orgTools } from '../../contract/org-analytics.ts'
import type { AnalyticsWindow } from './analytics.ts'
import type { HourPart, HourTools } from './hour-use.ts'
import { bucketsBy, stretchesOf } from './org-window.ts'
import { compareText, under } from './usage-sums.ts'

type Answer = Omit<z.input<(typeof orgTools)['responses'][200]>, 'window'>

/** What a chart can show. */
const TOP_TOOLS = 30
const WEB_SEARCH = 'web_search'

interface Usage {
  calls: number
  readonly users: Set<string>
}
const newUsage = (): Usage => ({ calls: 0, users: new Set() })

interface Server extends Usage {
  readonly tools: Set<string>
}
const newServer = (): Server => ({ ...newUsage(), tools: new Set() })

/** `undefined` for a tool that is no server's. */
const mcpServerOf = (tool: string): string | undefined => /^mcp__(.+?)__./.exec(tool)?.[1]

export function toolsTally(window: AnalyticsWindow) {
  const bucketOf = bucketsBy(window)
  const tools = new Map<string, Usage>()
  const servers = new Map<string, Server>()
  const active = new Map<string, Set<string>>()
  const adopters = new Map<string, Set<string>>()
  const note = (usage: Usage, calls: number, identity: string): void => {
    usage.calls += calls
    usage.users.add(identity)
  }
  return {
    addUser(part: HourPart): void {
      under(active, bucketOf(part.hour), () => new Set<string>()).add(part.identity)
    },
    add(row: HourTools): void {
      for (const [tool, calls] of row.tools) {
        note(under(tools, tool, newUsage), calls, row.identity)
        const name = mcpServerOf(tool)
        if (name === undefined) continue
        const server = under(servers, name, newServer)
        note(server, calls, row.identity)
        server.tools.add(tool)
        under(adopters, bucketOf(row.hour), () => new Set<string>()).add(row.identity)
      }
    },
    answer: (): Answer => ({
      mcp_servers: mostUsed(servers).map(([server_name, { calls, users, tools: own }]) => ({
        server_name,
        unique_tools: own.size,
        usage_count: calls,
        unique_users: users.size,
      })),
      top_tools: mostUsed(tools)
        .slice(0, TOP_TOOLS)
        .map(([tool_name, { calls, users }]) => ({
          tool_name,
          usage_count: calls,
          unique_users: users.size,
          is_mcp: mcpServerOf(tool_name) !== undefined,
        })),
      mcp_adoption: stretchesOf(window).map((stretch) => ({
        ...stretch,
        mcp_users: adopters.get(stretch.bucket)?.size ?? 0,
        total_users: active.get(stretch.bucket)?.size ?? 0,
      })),
      totals: {
        total_tool_calls: callsIn(tools.values()),
        web_search_count: tools.get(WEB_SEARCH)?.calls ?? 0,
        mcp_tool_count: callsIn(servers.values()),
        unique_mcp_servers: servers.size,
      },
    }),
  }
}

const mostUsed = <U extends Usage>(usages: ReadonlyMap<string, U>): [string, U][] =>
  [...usages].sort(([one, { calls }], [other, { calls: more }]) => more - calls || compareText(one, other))

const callsIn = (usages: Iterable<Usage>): number => [...usages].reduce((sum, { calls }) => sum + calls, 0)
