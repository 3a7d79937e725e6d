/** Lists that may be long. Without `limit` and `cursor` a list is whole, as clients of the reference gateway expect it. */
import * as z from 'zod'

/** More than anybody reads at once; keeps an answer under a megabyte. */
const LONGEST_PAGE = 200

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LONGEST_PAGE)
    .optional()
    .meta({ description: 'Rows of a page; absent: all of them.' }),
  cursor: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: '`next_cursor` of the page before, with the same query; signed, so it cannot be made up.' }),
}

/** As long as the longest name that can be looked for. */
const LONGEST_SEARCH = 100

/** @param within What is looked through: `Part of …`. */
export const searchText = (within: string) =>
  z
    .string()
    .trim()
    .max(LONGEST_SEARCH, `must have at most ${LONGEST_SEARCH} characters`)
    .optional()
    .meta({ description: `Part of ${within}.` })

export const pageAnswer = {
  next_cursor: z.nullable(z.string()).meta({ description: 'null on the last page' }),
  matching: z.int().meta({ description: 'Rows that the query finds, on all pages.' }),
  total: z.int().meta({ description: 'Rows there are for this caller, whatever the query.' }),
}
