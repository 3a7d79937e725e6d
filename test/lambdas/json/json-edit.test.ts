import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonEdit, type Path } from '../../../lambdas/json/json-edit.ts'

const edited = (json: string | Buffer, change: (edit: JsonEdit) => void): Buffer => {
  const edit = new JsonEdit(Buffer.from(json))
  change(edit)
  return Buffer.from(edit.bytes())
}
const textOf = (json: string, change: (edit: JsonEdit) => void): string => edited(json, change).toString('utf8')

test.each<[string, string, Path[], string]>([
  ['the only member', '{ "a" : 1 }', [['a']], '{ }'],
  ['the first', '{ "a": 1 , "b": 2 }', [['a']], '{ "b": 2 }'],
  ['the last', '{ "a": 1 , "b": 2 }', [['b']], '{ "a": 1 }'],
  ['one in between', '{"a":1, "b":2, "c":3}', [['b']], '{"a":1, "c":3}'],
  ['two side by side', '{"a":1, "b":2, "c":3,"d":4}', [['b'], ['c']], '{"a":1,"d":4}'],
  ['all', '{"a":1, "b":2}', [['a'], ['b']], '{}'],
  ['first and last', '[1, 2, 3]', [[0], [2]], '[2]'],
  ['one within another', '{"a":[{"b":{"c":1,"d":2}}]}', [['a', 0, 'b', 'c']], '{"a":[{"b":{"d":2}}]}'],
  ['one in what goes as well', '{"a":{"b":1},"c":2}', [['a', 'b'], ['a']], '{"c":2}'],
  ['what is not there', '{"a":[1]}', [['b'], ['a', 7], ['a', 0, 'x'], ['a', 'x']], '{"a":[1]}'],
])('taken out: %s', (_what, json, paths, left) => {
  expect(textOf(json, (edit) => paths.map((path) => edit.remove(path)))).toBe(left)
})

test('members and elements are put before, behind and between, with the commas they need', () => {
  const all = (edit: JsonEdit) => {
    edit.prepend(['a'], ['1', '2'])
    edit.append(['a'], ['8', '9'])
  }
  expect(textOf('{"a":[]}', all)).toBe('{"a":[1,2,8,9]}')
  expect(textOf('{"a":[ 5 ]}', all)).toBe('{"a":[ 1,2,5 ,8,9]}')
  expect(
    textOf('{"a":[5,6]}', (edit) => {
      all(edit)
      edit.remove(['a', 0])
      edit.remove(['a', 1])
    }),
  ).toBe('{"a":[1,2,8,9]}')
  expect(textOf('[1,2]', (edit) => edit.insertAfter([0], ['7', '8']))).toBe('[1,7,8,2]')
  expect(textOf('{}', (edit) => edit.append([], ['"a":1']))).toBe('{"a":1}')
})

test('a number takes no members', () => {
  expect(textOf('{"a": 1}', (edit) => edit.append(['a'], ['2']))).toBe('{"a": 1}')
})

test('a value is replaced; the first replacement holds', () => {
  const json = '{"a": [1, {"b" : "x" } ] }'
  expect(
    textOf(json, (edit) => {
      edit.replace(['a', 1, 'b'], 'null')
      edit.replace(['a', 1, 'b'], '7')
    }),
  ).toBe('{"a": [1, {"b" : null} ] }')
})

test('only named members stay', () => {
  expect(textOf('{"a":{"x":1,"y":2,"z":3}}', (edit) => edit.keepOnly(['a'], ['y']))).toBe('{"a":{"y":2}}')
})

describe('what an object inherits and what it says twice', () => {
  test('__proto__ and constructor are names like others', () => {
    const json = '{"__proto__":{"a":1},"constructor":2,"b":3}'
    expect(textOf(json, (edit) => edit.remove(['__proto__', 'a']))).toBe('{"__proto__":{},"constructor":2,"b":3}')
    expect(textOf(json, (edit) => edit.remove(['constructor']))).toBe('{"__proto__":{"a":1},"b":3}')
    expect(textOf('{"b":3}', (edit) => edit.remove(['toString']))).toBe('{"b":3}')
  })
  test('of a name that stands twice, in escapes or not, the last one counts, and the others go where something changes', () => {
    const json = '{"a":{"x":1,"x":2,"y":[]},"k":1,"\\u006b":2}'
    expect(textOf(json, (edit) => edit.append(['a', 'y'], ['7']))).toBe('{"a":{"x":2,"y":[7]},"\\u006b":2}')
    expect(textOf(json, (edit) => edit.remove(['a', 'x']))).toBe('{"a":{"y":[]},"\\u006b":2}')
  })
})

test('bytes that are no UTF-8 pass, in values and in names', () => {
  const odd = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xff, 0xe2, 0x82]),
    Buffer.from('","'),
    Buffer.from([0xc3]),
    Buffer.from('":1,"b":2}'),
  ])
  const left = edited(odd, (edit) => edit.remove(['b']))
  expect(left.equals(Buffer.concat([odd.subarray(0, odd.length - 7), Buffer.from('}')]))).toBe(true)
})

test('a hundred thousand levels are passed over', () => {
  const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`
  expect(textOf(`{"x":${deep},"y":1}`, (edit) => edit.remove(['y']))).toBe(`{"x":${deep}}`)
})

/**
 * Names that collide with what objects bring along, with places of arrays, and with escapes. None has a backslash: Node 24's `JSON.parse`
 * reads the name `"` as a backslash where it has just seen such a name, and it is what the results are compared by.
 */
const name = fc
  .oneof(
    fc.constantFrom('a', 'b', '__proto__', 'constructor', '0', '1', '"', 'é', ''),
    fc.string({ unit: 'binary', maxLength: 3 }),
  )
  .filter((text) => !text.includes('\\'))
const { value: anyJson } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('1e400', '-0', '12345678901234567890123', '1.0E+2', 'true', 'null', '"\\ud800"', '"\\\\\\""', '""'),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.array(tie('value') as fc.Arbitrary<string>, { maxLength: 4 }).map((list) => `[ ${list.join(' ,\n')}]`),
    fc
      .array(fc.tuple(name, tie('value') as fc.Arbitrary<string>), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}\t: ${value}`).join(', ')} }`),
  ),
})) as { value: fc.Arbitrary<string> }

/** All paths in a parsed document. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    const inner = Object.getOwnPropertyDescriptor(value, key)?.value as unknown
    return [here, ...pathsIn(inner, here)]
  })
}

/** What stays of a parsed document when these paths go. */
function without(value: unknown, gone: ReadonlySet<string>, path: Path = []): unknown {
  const stays = (key: string | number) => !gone.has(JSON.stringify([...path, key]))
  if (Array.isArray(value)) {
    return value.flatMap((one, place) => (stays(place) ? [without(one, gone, [...path, place])] : []))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).flatMap(([key, one]) =>
    stays(key) ? [[key, without(one, gone, [...path, key])]] : [],
  )
  return Object.fromEntries(members)
}

test('whatever is taken out of whatever document, the rest says what it said', () => {
  fc.assert(
    fc.property(anyJson, fc.infiniteStream(fc.boolean()), (json, coin) => {
      const parsed: unknown = JSON.parse(json)
      const gone = pathsIn(parsed).filter(() => coin.next().value === true)
      const left = textOf(json, (edit) => gone.map((path) => edit.remove(path)))
      expect(JSON.parse(left)).toEqual(without(parsed, new Set(gone.map((path) => JSON.stringify(path)))))
    }),
    { numRuns: 500 },
  )
})

test('a value that is replaced by itself leaves the document as it came', () => {
  fc.assert(
    fc.property(anyJson, fc.nat(), (json, pick) => {
      const paths = pathsIn(JSON.parse(json))
      const path = paths[pick % Math.max(1, paths.length)]
      if (path === undefined) return
      const same = textOf(json, (edit) => edit.replace(path, edit.raw(path) ?? ''))
      expect(JSON.parse(same)).toEqual(JSON.parse(json))
    }),
  )
})
