/** What is to be measured, from the command line. */
import { parseArgs } from 'node:util'
import type { Cell, Plan } from './measure.ts'
import { SIZES } from './workload.ts'

/** `facts` are what does not depend on load. */
export const PARTS = ['facts', 'gateway', 'native', 'lambda', 'portkey', 'claude-gateway'] as const
export type Part = (typeof PARTS)[number]

/** Gateways beside one another, what admitting a request takes, a month that analytics reads back, or the web that nobody uses. */
const SUBJECTS = ['gateways', 'admission', 'analytics', 'web'] as const
type BenchSubject = (typeof SUBJECTS)[number]

export interface Options {
  readonly subject: BenchSubject
  readonly quick: boolean
  readonly parts: ReadonlySet<Part>
  readonly plan: Plan
}

export const USAGE = `npm run bench -- [--quick] [--only=${PARTS.join(',')}]
npm run bench -- [--quick] admission
npm run bench -- [--quick] analytics
npm run bench -- [--quick] web

  --quick  a look of about two minutes, which is not written into bench/results
  --only   some of the parts; what is left out is not written into bench/results either
  admission  what admitting and settling a request takes of time and of DynamoDB, and nothing else; half a minute
  analytics  what each analytics query reads of a month of 1,000 people, and nothing else; some minutes, with --quick of 30 people
  web  what offering the web adds to a request that does not use it, and nothing else; half a minute
`

const STREAMS = [1, 8, 32]
const [, , ROOMY] = SIZES

/** At once, of all streams together: what a machine of 4 GB takes with everybody's copies of it. */
const MOST_BYTES = 80_000_000

/** With all starts and what the largest bodies take beyond it, twelve minutes where the machine is quiet, under fifteen where not. */
const FULL: Plan = {
  cells: SIZES.flatMap((size): Cell[] =>
    STREAMS.filter((streams) => streams * size.bytes <= MOST_BYTES).map((streams) => ({ size, streams })),
  ),
  cellMs: 42_000,
  turnMs: 600,
}

/** Every size alone, and one size in company. */
const QUICK: Plan = {
  cells: [
    ...SIZES.map((size): Cell => ({ size, streams: 1 })),
    ...(ROOMY === undefined ? [] : [{ size: ROOMY, streams: 8 }]),
  ],
  cellMs: 12_000,
  turnMs: 300,
}

/** @throws Error whose message says what is possible. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, only: { type: 'string' } },
  })
  const [wish = 'gateways', ...more] = positionals
  const subject = SUBJECTS.find((one) => one === wish)
  if (subject === undefined || more.length > 0)
    throw new Error(`there is no subject "${positionals.join(' ')}"; there are ${SUBJECTS.join(', ')}`)
  const quick = values.quick === true
  const wanted = values.only?.split(',') ?? PARTS
  const parts = PARTS.filter((part) => wanted.includes(part))
  const unknown = wanted.filter((part) => !PARTS.some((known) => known === part))
  if (unknown.length > 0) throw new Error(`--only does not know ${unknown.join(', ')}; it knows ${PARTS.join(', ')}`)
  return { subject, quick, parts: new Set(parts), plan: quick ? QUICK : FULL }
}
