/** Values of a request that nobody has checked. */
export type Json = Readonly<Record<string, unknown>>

/** One for all: a list of a million numbers must not become a million objects. */
const NOTHING: Json = {}

export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : NOTHING

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The blocks of a message's content, which may be a plain string. */
export const blocksOf = (content: unknown): readonly Json[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content).map(objectOf)

/** The texts of a content, without its images and documents. */
export const textsOf = (content: unknown): string[] =>
  blocksOf(content).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))

/** Counted in UTF-16 units. Half a character, sent or cut, would make the item unwritable. */
export const shortened = (text: string, most: number): string => text.slice(0, most).toWellFormed()
