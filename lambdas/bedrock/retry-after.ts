/** `retry-after` in seconds; a date is of no use to the client, which does not read one. @returns `undefined` where it is not one. */
export const wholeSeconds = (header: string | undefined): number | undefined =>
  header !== undefined && /^[1-9]\d{0,5}$/.test(header) ? Number(header) : undefined
