/** The lines of an export. Nothing in them is rounded: money has nine decimals. */
import { csvLine } from './csv.ts'
import { endpointName, type OrgNames, teamName, userName } from './org-names.ts'
import type { ExportedRequest } from './request-pages.store.ts'

/** `spend`: as the reference gateway's; `org`: with tools and endpoint. */
export type ExportKind = 'spend' | 'org'

const SPEND = [
  'recorded_at',
  'user',
  'team',
  'model',
  'input_tokens',
  'output_tokens',
  'cache_read',
  'cache_write',
  'cost_usd',
  'duration_ms',
]
const MORE = ['tool_count', 'endpoint']

export const exportHead = (kind: ExportKind): string => csvLine(kind === 'spend' ? SPEND : [...SPEND, ...MORE])

export function exportLine(request: ExportedRequest, kind: ExportKind, names: OrgNames): string {
  const fields = [
    request.arrivedAt,
    userName(names, request.identity),
    request.team === null ? '' : teamName(names, request.team),
    request.model,
    request.inputTokens,
    request.outputTokens,
    request.cacheReadTokens,
    request.cacheWriteTokens,
    decimalUsd(request.cost),
    request.durationMs,
  ]
  return csvLine(kind === 'spend' ? fields : [...fields, request.toolCalls, endpointName(names, request.endpoint)])
}

const NANO_DIGITS = 9

/** Never with an exponent, as JavaScript writes small numbers. */
function decimalUsd(nano: number): string {
  const digits = String(nano).padStart(NANO_DIGITS + 1, '0')
  return `${digits.slice(0, -NANO_DIGITS)}.${digits.slice(-NANO_DIGITS)}`
}
