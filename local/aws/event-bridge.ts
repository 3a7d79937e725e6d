/**
 * Amazon EventBridge on this machine: PutEvents, in its wire format (AWS JSON 1.1). Every bus is there; what was put is kept to be
 * looked at.
 * Source: Amazon EventBridge API reference, PutEvents.
 */
import { callerOf } from './caller.ts'
import { type Answer, type Service, startService } from './service.ts'

export interface PutEvent {
  readonly bus: string
  readonly source: string
  readonly detailType: string
  readonly detail: unknown
  /** Seconds since the epoch. */
  readonly time: number | null
  readonly region: string
}

export interface EventBridge extends Service {
  /** In order. */
  events(): readonly PutEvent[]
  /** From now on: every entry fails, inside an answer that is well; or every call is refused; `null`: neither. */
  fail(how: { readonly entries: { readonly code: string; readonly message: string } } | 'denied' | null): void
}

interface Entry {
  readonly EventBusName?: string
  readonly Source?: string
  readonly DetailType?: string
  readonly Detail?: string
  readonly Time?: number
}

const json = (status: number, value: object): Answer => ({
  status,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
})
const refused = (status: number, type: string, message: string): Answer => json(status, { __type: type, message })

export async function startEventBridge(): Promise<EventBridge> {
  const events: PutEvent[] = []
  let failing: Parameters<EventBridge['fail']>[0] = null
  const service = await startService((headers, body) => {
    const caller = callerOf(headers.authorization, 'events')
    if (caller === undefined) return refused(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
    const operation = String(headers['x-amz-target']).split('.')[1]
    if (operation !== 'PutEvents') return refused(400, 'UnknownOperationException', `${operation} is not emulated here`)
    const { Entries = [] } = JSON.parse(body) as { Entries?: readonly Entry[] }
    if (failing === 'denied')
      return refused(400, 'AccessDeniedException', 'User is not authorized to perform: events:PutEvents')
    if (Entries.length === 0 || Entries.length > MOST_ENTRIES)
      return refused(400, 'ValidationException', `Entries: between 1 and ${MOST_ENTRIES}`)
    const fault = failing?.entries ?? null
    const results = Entries.map((entry) => fault ?? wrongWith(entry))
    Entries.forEach((entry, place) => {
      if (results[place] === null) events.push(eventOf(entry, caller.region))
    })
    return json(200, {
      FailedEntryCount: results.filter((one) => one !== null).length,
      Entries: results.map((one) =>
        one === null ? { EventId: crypto.randomUUID() } : { ErrorCode: one.code, ErrorMessage: one.message },
      ),
    })
  })
  return {
    ...service,
    events: () => events,
    fail(how) {
      failing = how
    },
  }
}

const MOST_ENTRIES = 10

const eventOf = (entry: Entry, region: string): PutEvent => ({
  bus: entry.EventBusName ?? '',
  source: entry.Source ?? '',
  detailType: entry.DetailType ?? '',
  detail: JSON.parse(entry.Detail ?? 'null'),
  time: entry.Time ?? null,
  region,
})

function wrongWith({ Source, DetailType, Detail }: Entry): { readonly code: string; readonly message: string } | null {
  const invalid = (what: string) => ({ code: 'InvalidArgument', message: `Parameter ${what} is not valid.` })
  if (Source === undefined || Source === '' || Source.startsWith('aws.')) return invalid('Source')
  if (DetailType === undefined || DetailType === '') return invalid('DetailType')
  try {
    const detail: unknown = JSON.parse(Detail ?? '')
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return null
  } catch {
    // Told below.
  }
  return { code: 'MalformedDetail', message: 'Detail is malformed.' }
}
