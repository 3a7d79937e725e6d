/** A request's body in both of its forms: as text, to be understood, and as UTF-8, to be passed on without making it anew. */
export interface Body {
  readonly text: string
  readonly utf8: Uint8Array
}

/** Whichever form did not come is made when it is first asked for: a body of megabytes takes milliseconds. */
export function bodyOfText(text: string): Body {
  let utf8: Uint8Array | undefined
  return {
    text,
    get utf8() {
      utf8 ??= Buffer.from(text, 'utf8')
      return utf8
    },
  }
}

export function bodyOfBytes(utf8: Buffer): Body {
  let text: string | undefined
  return {
    utf8,
    get text() {
      text ??= utf8.toString('utf8')
      return text
    },
  }
}
