/** Keeps count of what one client asks its database: calls, what came back, and what capacity it used. Nothing is slowed down by it. */
import type { Documents } from '../lambdas/table/document.store.ts'

export interface Calls {
  /** Operation → how often. */
  readonly operations: ReadonlyMap<string, number>
  readonly items: number
  /** Of the answers, on the wire. */
  readonly bytes: number
  readonly readUnits: number
}

export interface CallMeter {
  /** Since it was last read. */
  read(): Calls
}

interface Consumed {
  readonly CapacityUnits?: number
}

/** Of Query, GetItem and BatchGetItem. */
interface Output {
  readonly Count?: number
  readonly Item?: unknown
  readonly Responses?: Readonly<Record<string, readonly unknown[]>>
  readonly ConsumedCapacity?: Consumed | readonly Consumed[]
}

const READS: ReadonlySet<string> = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'ScanCommand'])

export function meterCalls(documents: Documents): CallMeter {
  const none = () => ({ operations: new Map<string, number>(), items: 0, bytes: 0, readUnits: 0 })
  let calls = none()
  documents.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (READS.has(commandName)) Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' })
        const result = await next(args)
        note(commandName, result.output as Output)
        return result
      },
    { step: 'initialize', name: 'call-meter' },
  )
  documents.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> }
      calls.bytes += Number(headers?.['content-length'] ?? 0)
      return result
    },
    { step: 'deserialize', name: 'byte-meter', priority: 'low' },
  )
  function note(commandName: string, output: Output): void {
    const operation = commandName.replace(/Command$/, '')
    calls.operations.set(operation, (calls.operations.get(operation) ?? 0) + 1)
    calls.items += output.Count ?? (output.Item === undefined ? 0 : 1)
    calls.items += Object.values(output.Responses ?? {}).flat().length
    calls.readUnits += [output.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
  }
  return {
    read() {
      const until = calls
      calls = none()
      return until
    },
  }
}
