/**
 * Lines of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it, since
 * names are chosen by others than those who open the file.
 */

/** A number is one that we made: it is written as it is. */
export type Field = string | number

/** Source: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r]/
const TO_BE_QUOTED = /[",\r\n]/

const written = (field: Field): string => {
  if (typeof field === 'number') return String(field)
  const text = FORMULA.test(field) ? `'${field}` : field
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** With its end. */
export const csvLine = (fields: readonly Field[]): string => `${fields.map(written).join(',')}\r\n`
