/**
 * Changes to a JSON document that leave every byte alone which they are not about: numbers of any size, escapes, white space and the
 * order of members stay as they came. Places are looked up only along the paths of changes.
 *
 * A name that stands twice means its last value, as `JSON.parse` has it; in an object that is changed, the earlier ones are taken out, so
 * that whoever reads on cannot mean another one.
 */
import { type Item, isContainerAt, itemsAt, startOfValue, valueAt } from './places.ts'

export type Step = string | number
/** Names of members and places of elements, from the document's own value inwards. */
export type Path = readonly Step[]
/** Ready JSON: a value, or for members of an object `"name":value`. */
export type Piece = string | Uint8Array

interface Node {
  /** Place of the value's first byte. */
  readonly start: number
  /** What stands in it, looked up once. */
  items: readonly Item[] | null
  readonly children: Map<Step, Node>
  readonly removed: Set<Step>
  only: ReadonlySet<Step> | null
  replacement: Piece | null
  readonly front: Piece[]
  readonly back: Piece[]
  /** Elements to stand behind this one. */
  readonly after: Piece[]
}

/** What stands from one place up to another one is replaced. */
interface Splice {
  readonly from: number
  readonly to: number
  readonly by: readonly Piece[]
}

export class JsonEdit {
  readonly #json: Buffer
  readonly #root: Node

  constructor(utf8: Uint8Array) {
    this.#json = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength)
    this.#root = nodeAt(startOfValue(this.#json, 0))
  }

  /** Takes out a member or an element. */
  remove(path: Path): void {
    this.#at(path.slice(0, -1))?.removed.add(path.at(-1) ?? '')
  }

  isRemoved(path: Path): boolean {
    return this.#at(path.slice(0, -1))?.removed.has(path.at(-1) ?? '') === true
  }

  /** Of an object, everything else is taken out. */
  keepOnly(path: Path, names: readonly string[]): void {
    const node = this.#at(path)
    if (node !== undefined) node.only = new Set(names)
  }

  /** The first replacement of a value holds. */
  replace(path: Path, json: Piece): void {
    const node = this.#at(path)
    if (node !== undefined) node.replacement ??= json
  }

  /** New members or elements before what stands in it. */
  prepend(path: Path, pieces: readonly Piece[]): void {
    this.#at(path)?.front.push(...pieces)
  }

  append(path: Path, pieces: readonly Piece[]): void {
    this.#at(path)?.back.push(...pieces)
  }

  /** New elements behind an element. */
  insertAfter(path: Path, pieces: readonly Piece[]): void {
    this.#at(path)?.after.push(...pieces)
  }

  /** The bytes of a value as they came. */
  raw(path: Path): Uint8Array | undefined {
    const parent = this.#at(path.slice(0, -1))
    const item = parent && this.#item(parent, path.at(-1) ?? '')
    return item && valueAt(this.#json, item)
  }

  /** The document with its changes. */
  bytes(): Uint8Array {
    const splices: Splice[] = []
    this.#collect(this.#root, splices)
    const parts: Uint8Array[] = []
    let at = 0
    for (const { from, to, by } of splices) {
      parts.push(
        this.#json.subarray(at, from),
        ...by.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
      )
      at = to
    }
    return Buffer.concat([...parts, this.#json.subarray(at)])
  }

  /** @returns nothing where there is no such value. */
  #at(path: Path): Node | undefined {
    let node: Node | undefined = this.#root
    for (const step of path) {
      node = node && this.#child(node, step)
      if (node === undefined) return undefined
    }
    return node
  }

  #child(node: Node, step: Step): Node | undefined {
    const known = node.children.get(step)
    if (known !== undefined) return known
    const item = this.#item(node, step)
    if (item === undefined) return undefined
    const child = nodeAt(item.value)
    node.children.set(step, child)
    return child
  }

  #item(node: Node, step: Step): Item | undefined {
    const items = this.#items(node)
    return typeof step === 'number' ? items[step] : items.findLast(({ name }) => name === step)
  }

  #items(node: Node): readonly Item[] {
    node.items ??= itemsAt(this.#json, node.start)
    return node.items
  }

  /** In the order of the document. */
  #collect(node: Node, splices: Splice[]): void {
    if (!isContainerAt(this.#json, node.start)) return
    const items = this.#items(node)
    const kept = keptOf(node, items)
    const [first, last] = [items[0]?.from ?? node.start + 1, items.at(-1)?.to ?? node.start + 1]
    splice(splices, first, first, listed(node.front, '', kept.length > 0 || node.back.length > 0 ? ',' : ''))
    // What lies between two that stay is one comma; before the first and behind the last one, nothing.
    let end = first
    for (const [order, place] of kept.entries()) {
      const item = items[place]
      if (item === undefined) continue
      splice(splices, end, order === 0 ? item.from : (items[place - 1]?.to ?? end), [])
      this.#collectItem(node.children.get(item.name ?? place), item, splices)
      end = item.to
    }
    splice(splices, end, last, [])
    splice(splices, last, last, listed(node.back, kept.length > 0 ? ',' : '', ''))
  }

  #collectItem(child: Node | undefined, item: Item, splices: Splice[]): void {
    if (child === undefined) return
    if (child.replacement !== null) splices.push({ from: item.value, to: item.to, by: [child.replacement] })
    else this.#collect(child, splices)
    splice(splices, item.to, item.to, listed(child.after, ',', ''))
  }
}

const nodeAt = (start: number): Node => ({
  start,
  items: null,
  children: new Map(),
  removed: new Set(),
  only: null,
  replacement: null,
  front: [],
  back: [],
  after: [],
})

/** @returns the places of the items that stay. */
function keptOf({ removed, only }: Node, items: readonly Item[]): number[] {
  const lastOf = new Map(items.map(({ name }, place) => [name ?? place, place]))
  return [...lastOf]
    .filter(([step]) => !removed.has(step) && only?.has(step) !== false)
    .map(([, place]) => place)
    .sort((a, b) => a - b)
}

function splice(splices: Splice[], from: number, to: number, by: readonly Piece[]): void {
  if (from < to || by.length > 0) splices.push({ from, to, by })
}

/** With commas between them, and whatever stands around them all. */
const listed = (pieces: readonly Piece[], before: string, after: string): Piece[] =>
  pieces.length === 0
    ? []
    : [before, ...pieces.flatMap((piece, place) => (place === 0 ? [piece] : [',', piece])), after]
