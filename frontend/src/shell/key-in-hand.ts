/**
 * A key that was just made, on its way from the page that made it to the one that sets it up. It is held in this
 * variable only: neither the address nor any storage of the browser ever has it, and leaving the page drops it.
 */
export interface KeyInHand {
  readonly id: string
  readonly name: string
  readonly raw: string
}

let held: KeyInHand | undefined

export const takeInHand = (key: KeyInHand): void => {
  held = key
}
export const keyInHand = (): KeyInHand | undefined => held
export const dropFromHand = (): void => {
  held = undefined
}
