/** Fields that several resources have in common. */
import * as z from 'zod'

/** UUID in any of its versions; imported rows may have others than v4. */
export const Id = z.guid().toLowerCase().meta({ description: 'UUID' })

/** `none` where there is to be no team. */
export const TeamOrNone = z
  .string()
  .toLowerCase()
  .refine((text) => text === 'none' || Id.safeParse(text).success, "must be the UUID of a team, or 'none'")

export const Timestamp = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' })

/** No control characters: a name is shown in tables, CSV and logs. */
const CONTROL_CHARACTER = /\p{Cc}/u

/** 1 to 100 characters after trimming: what fits a row of the portal, and an index key many times over. */
export const Name = z
  .string()
  .refine((name) => !CONTROL_CHARACTER.test(name), 'must not contain control characters')
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')

export const Role = z.enum(['admin', 'member'])
