/**
 * Hours that are final, packed: thousands of items of a kilobyte become one or a few, a twentieth of the size. An hour that is
 * not packed (yet) is simply not found here.
 */
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import { type HourKind, packKey, packPartition } from '../table/usage-keys.ts'
import { type HourItem, type HourPack, PACK_FORMAT, packOf } from './hour-use.ts'
import type { Hours } from './org-window.ts'

/** Packed still: what is read of a day is opened one by one. */
export interface ClosedPack {
  open(): Promise<HourPack>
}

export interface HourPacks {
  /** Hour → its packs, of those hours of the day that are there as a whole. */
  ofDay(kind: HourKind, day: string, hours: Hours): Promise<ReadonlyMap<string, readonly ClosedPack[]>>
  /** @returns false when the hour cannot be packed, and nothing was written. */
  write(kind: HourKind, hour: string, items: readonly HourItem[]): Promise<boolean>
}

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)

/** An item has at most 400 kB, with its key and names. */
const LARGEST_PACK = 390_000

/** Rarely above that size: a row takes some fifty bytes. */
const ROWS_AT_FIRST = 4_000

/** Above it a pack takes twenty times as long and is 1 % smaller. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }

export function openHourPacks(documents: Documents, usageTable: string): HourPacks {
  return {
    async ofDay(kind, day, { firstHour, lastHour }) {
      const [from, to] = [`${kind}#${firstHour.slice(11)}`, `${kind}#${lastHour.slice(11)}$`]
      const items = await queryAll(
        documents,
        (ExclusiveStartKey) =>
          new QueryCommand({
            TableName: usageTable,
            KeyConditionExpression: 'PK = :partition AND SK BETWEEN :from AND :to',
            ExpressionAttributeValues: { ':partition': packPartition(day), ':from': from, ':to': to },
            ExclusiveStartKey,
          }),
      )
      const hours = Map.groupBy(items.flatMap(readPack), ({ hour }) => hour)
      return new Map([...hours].flatMap(([hour, packs]) => wholeOf(packs).map((whole) => [hour, whole] as const)))
    },
    async write(kind, hour, items) {
      const parts = await compressed(items, ROWS_AT_FIRST)
      if (parts === undefined) return false
      const [day = '', hourOfDay = ''] = hour.split('T')
      // The first part is what makes the hour be there, so it comes last.
      for (const [place, pack] of [...parts.entries()].reverse()) {
        const Item = {
          ...packKey(kind, day, hourOfDay, place),
          hour,
          place,
          parts: parts.length,
          format: PACK_FORMAT,
          pack,
        }
        await documents.send(new PutCommand({ TableName: usageTable, Item }))
      }
      return true
    },
  }
}

/** @returns `undefined` where a single row is too large. */
async function compressed(items: readonly HourItem[], atOnce: number): Promise<Buffer[] | undefined> {
  const parts: Buffer[] = []
  for (let from = 0; from === 0 || from < items.length; from += atOnce) {
    const rows = items.slice(from, from + atOnce)
    const pack = await compress(JSON.stringify(packOf(rows)), QUALITY)
    if (pack.length <= LARGEST_PACK) parts.push(pack)
    else {
      const halves = rows.length > 1 ? await compressed(rows, Math.ceil(rows.length / 2)) : undefined
      if (halves === undefined) return undefined
      parts.push(...halves)
    }
  }
  return parts
}

const PackItem = z.object({
  hour: z.string(),
  place: z.int(),
  parts: z.int(),
  format: z.literal(PACK_FORMAT),
  pack: z.instanceof(Uint8Array),
})
type ReadPack = Omit<z.output<typeof PackItem>, 'format' | 'pack'> & ClosedPack

/** What another version packed otherwise is as good as not there. */
function readPack(item: Record<string, unknown>): ReadPack[] {
  const read = PackItem.safeParse(item)
  if (!read.success) return []
  const { hour, place, parts, pack } = read.data
  return [{ hour, place, parts, open: async () => JSON.parse((await decompress(pack)).toString()) as HourPack }]
}

/** None or one. What is left of a try that was broken off is passed over. */
function wholeOf(packs: readonly ReadPack[]): readonly (readonly ClosedPack[])[] {
  const parts = packs.find(({ place }) => place === 0)?.parts
  const whole = packs.filter((pack) => pack.parts === parts)
  return whole.length === parts ? [whole] : []
}
