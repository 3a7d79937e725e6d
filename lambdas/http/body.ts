/** A request's body in both of its forms: as text, to be understood, and as UTF-8, to be passed on without making it anew. */
import { Fault } from '../platform/fault.ts'

export interface Body {
  readonly text: string
  readonly utf8: Uint8Array
  /** As it came, text or not. */
  readonly raw: Uint8Array
}

/** What Anthropic's own API takes; beyond it a body would only fill the memory. */
export const LONGEST_BODY_BYTES = 32_000_000

/** How large it was may be what its sender says. */
export class BodyTooLarge extends Fault {
  readonly bytes: number

  constructor(bytes: number) {
    super('invalid_request', `body: larger than ${LONGEST_BODY_BYTES} bytes`)
    this.bytes = bytes
  }
}

/** Whichever form did not come is made when it is first asked for: a body of megabytes takes milliseconds. */
export function bodyOfText(text: string): Body {
  let utf8: Uint8Array | undefined
  const encoded = (): Uint8Array => {
    utf8 ??= Buffer.from(text, 'utf8')
    return utf8
  }
  return {
    text,
    get utf8() {
      return encoded()
    },
    get raw() {
      return encoded()
    },
  }
}

/** What a decoder puts where bytes are no UTF-8. */
const REPLACEMENT = '\ufffd'

export function bodyOfBytes(raw: Buffer): Body {
  let text: string | undefined
  let utf8: Uint8Array | undefined
  const decoded = (): string => {
    text ??= raw.toString('utf8')
    return text
  }
  return {
    raw,
    get text() {
      return decoded()
    },
    get utf8() {
      // Bytes that are no UTF-8 are passed on as they were understood, so that Bedrock is not the one to refuse them.
      utf8 ??= decoded().includes(REPLACEMENT) ? Buffer.from(decoded(), 'utf8') : raw
      return utf8
    },
  }
}
